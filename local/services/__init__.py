"""PostgreSQL, Redis and RabbitMQ as private instances, without Docker and without root.

Import from the module that has the duty (`start`, `postgres`, `redis`, `rabbitmq`): this file
stays empty because the watchdog's own process imports the package and must start fast.
"""

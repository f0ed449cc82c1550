"""The near future: task ids in Redis, sorted by due time. Disposable, rebuilt from the store."""

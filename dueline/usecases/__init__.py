"""What the functions do, one public function each. They know ports and the domain, no driver."""

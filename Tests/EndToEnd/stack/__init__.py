"""The complete chain for tests: certificates, nginx, the service under spawn-fcgi, and the fake cluster."""

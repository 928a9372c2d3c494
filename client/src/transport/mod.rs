//! How octets reach a POP3 server: a WebSocket to the bridge, and TLS that ends here.

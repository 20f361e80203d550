import Glibc

/// How many files the process may have open: each exchange in flight is one, each connection to the cluster another.
enum DescriptorLimit {
    /// Raises the limit as far as the process may (getrlimit(2)); what systems set at first, 1,024, is less than
    /// `MAX_CONCURRENT_REQUESTS` needs.
    ///
    /// A limit that cannot be raised is no error: the listener survives when descriptors run out.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

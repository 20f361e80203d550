import Glibc
import Logging

/// How many files and sockets the process may have open at a time (getrlimit(2)).
enum DescriptorLimit {
    /// What the process has open besides its connections.
    private static let others = 64

    /// Raises the limit as far as the process may, and logs it if that is too little for so many connections.
    ///
    /// Systems usually set 1,024. Too low a limit is no error: the listener tolerates running out of descriptors.
    static func raise(toHold connections: Int, logger: Logger) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let needed = connections + others
        guard limit.rlim_cur < needed else { return }
        logger.warning(
            "fewer descriptors than connections: raise the limit of open files (ulimit -Hn), or lower the settings",
            metadata: ["descriptors": "\(limit.rlim_cur)", "needed": "\(needed)"])
    }
}

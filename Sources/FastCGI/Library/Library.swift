import CFastCGI
import Glibc

/// libfcgi as a whole.
enum Library {
    /// Whether libfcgi is ready: initialised once a process, and without its signal handlers.
    ///
    /// `FCGX_Init` takes SIGPIPE, SIGUSR1 and SIGTERM, also from those who ignore them. What the process had chosen is put
    /// back, and SIGPIPE is ignored, as whoever writes to sockets needs it.
    static let isReady: Bool = {
        var terminate = sigaction()
        var user = sigaction()
        sigaction(SIGTERM, nil, &terminate)
        sigaction(SIGUSR1, nil, &user)
        let result = FCGX_Init()
        sigaction(SIGTERM, &terminate, nil)
        sigaction(SIGUSR1, &user, nil)
        signal(SIGPIPE, SIG_IGN)
        return result == 0
    }()
}

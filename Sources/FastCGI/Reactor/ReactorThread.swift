import Glibc

/// A thread of its own, for work that blocks in system calls, which Swift's own threads must not do.
enum ReactorThread {
    /// Starts a thread that runs `body` and ends with it.
    ///
    /// All signals are blocked on it: they go to other threads of the process and interrupt no call here.
    static func start(_ body: @escaping @Sendable () -> Void) throws(FastCGIError) {
        let box = Unmanaged.passRetained(Box(body))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // A thread inherits the mask of the one that creates it, so signals are blocked from its first instruction.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, runBox, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard result == 0 else {
            box.release()
            throw FastCGIError(.system, "starting a thread failed in pthread_create", errno: result)
        }
        pthread_detach(thread)
    }

    fileprivate final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A function, not a closure: a closure could inherit an actor from where it is written and trap off it.
private func runBox(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ReactorThread.Box>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}

import Synchronization
import Testing

/// A server's side of a token that is replaced again and again, in its file and at the server at once.
///
/// It happens as soon as the token was good for every caller once: so nobody is overtaken twice in one call, and
/// everybody is refused many times.
final class TokenGate: Sendable {
    let callers: [String]
    let file: String
    private let folder: TemporaryFolder
    private let rotations: Int
    private let state = Mutex((number: 0, served: Set<String>()))

    var isDone: Bool { state.withLock { $0.number >= rotations } }

    init(callers: [String], rotations: Int) throws {
        self.callers = callers
        self.rotations = rotations
        folder = try TemporaryFolder()
        file = try folder.write("token", "secret-0")
    }

    @Sendable func answer(_ request: ReceivedRequest) -> ScriptedStep {
        let caller = String(request.target.suffix(1))
        return state.withLock { state in
            guard request.headers["authorization"] == "Bearer secret-\(state.number)" else {
                return .status(401, "Unauthorized", "Unauthorized")
            }
            state.served.insert(caller)
            if state.served.count == callers.count {
                state = (state.number + 1, [])
                do {
                    try folder.write("token", "secret-\(state.number)")
                } catch {
                    Issue.record(error)
                }
            }
            return .json(200, Gadget.stored(caller))
        }
    }
}

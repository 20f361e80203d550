import Components
import Synchronization

/// How many requests wait or are streamed, and whose they are.
///
/// They are counted apart from the exchanges in flight: each holds a connection and little else. A tenth of the places is
/// one tool's share, so that none can take all of them; whoever has no tool shares one too.
final class WaitingPlaces: Sendable {
    /// One place, which is given back once.
    struct Place: Sendable, Equatable {
        fileprivate let tool: ToolName?
    }

    private struct Taken {
        var all = 0
        var byTool: [ToolName?: Int] = [:]
    }

    private let limit: Int
    private let share: Int
    private let taken = Mutex(Taken())

    /// That many places.
    init(limit: Int) {
        self.limit = limit
        share = max(1, limit / 10)
    }

    /// Takes a place.
    ///
    /// - Throws: `RequestFault.tooManyWaiting`.
    func take(for tool: ToolName?) throws(RequestFault) -> Place {
        let fault = taken.withLock { taken -> RequestFault? in
            guard taken.all < limit else { return .tooManyWaiting(limit: limit, of: nil) }
            guard taken.byTool[tool, default: 0] < share else { return .tooManyWaiting(limit: share, of: tool) }
            taken.all += 1
            taken.byTool[tool, default: 0] += 1
            return nil
        }
        if let fault { throw fault }
        return Place(tool: tool)
    }

    /// Gives a place back.
    func giveBack(_ place: Place) {
        taken.withLock { taken in
            taken.all -= 1
            let rest = taken.byTool[place.tool, default: 0] - 1
            taken.byTool[place.tool] = rest > 0 ? rest : nil
        }
    }

    /// How many are taken now.
    var count: Int { taken.withLock { $0.all } }
}

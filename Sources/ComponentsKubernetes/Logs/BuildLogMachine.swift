import Components

/// How the log of a build is read: what happens goes in, what has to be done comes out.
///
/// ```
/// look ──► open ──► read ──► check ──► open the next step … ──► end
///  ▲ ▲      │        │         │
///  │ └wait ◄┴────────┴─────────┘
///  └─ waitForBegin
/// ```
///
/// A value without a connection or a clock. The API server ends a log properly also when the node dies in the middle; so a
/// log that was followed is whole only if its container has ended when the pod is looked at afterwards.
struct BuildLogMachine {
    /// What is to be done next.
    enum Action: Equatable {
        /// Read where the build stands, and report with `looked`.
        case look
        /// Open a step's log, and report with `opened` or `refused`; `again`: it was read before, and broke off.
        case open(BuildLogPlace, Step, again: Bool)
        /// Read on, and report what came.
        case read
        /// Read the pod, and report with `checked`.
        case check(BuildLogPlace)
        /// Wait that long, and report with `waited`.
        case wait(Duration)
        /// Wait until the build is said to have begun, and report with `begun`, or with `neverBegins`.
        case waitForBegin
        /// It is over.
        case end
    }

    /// What is to be done next, and what the reader is told before.
    struct Move: Equatable {
        var note: BuildLogNote?
        var action: Action
    }

    /// One step of a build.
    struct Step: Equatable {
        var name: String
        var container: String
    }

    /// The waits between two looks at a build whose pod is about to begin, or whose log cannot be read; the last one is
    /// repeated.
    static let delays: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(5)]
    /// After how many attempts in vain a log that broke off is given up: after a minute or a little more.
    static let mostAttempts = 15

    private let follows: Bool
    private var isCreated: Bool
    private var view: BuildLogView?
    /// Which step is read.
    private var index = 0
    /// Whether something of the current step was read.
    private var hasBegun = false
    /// How often it was waited for the pod, and how often in vain for the log.
    private var waits = 0
    private var attempts = 0
    private var lastNote: BuildLogNote?
    /// The containers that are known to have ended.
    private var ended: [String: Int] = [:]

    /// - Parameter isCreated: whether the build is known to have been there.
    init(follows: Bool, isCreated: Bool = true) {
        self.follows = follows
        self.isCreated = isCreated
    }

    /// Where the build stands; `nil`: its run is gone.
    mutating func looked(_ found: BuildLogView?) -> Move {
        guard let found else {
            guard isCreated || view != nil else { return wait(.waiting(""), by: .waitForBegin) }
            return Move(note: hasBegun ? .incomplete : .gone(isKept: false), action: .end)
        }
        view = found
        if let place = found.place, !found.steps.isEmpty, found.hasBegun || found.hasEnded { return open(at: place) }
        if found.hasEnded { return Move(note: .nothingWritten, action: .end) }
        let note = BuildLogNote.waiting(found.message)
        return found.isQueued ? wait(note, by: .waitForBegin) : waitForPod(note)
    }

    /// The build runs, or has ended.
    mutating func begun() -> Move {
        isCreated = true
        return Move(action: .look)
    }

    /// The build never begins.
    func neverBegins(_ note: BuildLogNote) -> Move { Move(note: note, action: .end) }

    /// The log is open.
    mutating func opened() -> Move { Move(action: .read) }

    /// The log cannot be opened.
    mutating func refused(_ obstacle: BuildLogObstacle) -> Move {
        switch obstacle {
        case .notStarted:
            return view?.hasEnded == true ? nextStep() : waitForPod(.waiting(view?.message ?? ""))
        case .noSuchContainer:
            return nextStep()
        case .noSuchPod:
            // The run may have ended since it was looked at; or its pod is made again.
            guard view?.hasEnded == false, attempts < Self.delays.count else {
                return Move(note: hasBegun ? .incomplete : .gone(isKept: false), action: .end)
            }
            attempts += 1
            return Move(action: .wait(Self.delays[0]))
        case .nodeUnreachable:
            return retry(.nodeUnreachable)
        case .cluster(let reason):
            return retry(.clusterFailed(reason))
        }
    }

    /// Lines were read.
    mutating func came() -> Move {
        (hasBegun, attempts, lastNote) = (true, 0, nil)
        return Move(action: .read)
    }

    /// The log ended, or broke off.
    mutating func ended(isBroken: Bool) -> Move {
        guard let view, let place = view.place, view.steps.indices.contains(index) else { return Move(action: .end) }
        if isBroken { return retry(.incomplete) }
        hasBegun = true
        guard follows, ended[view.steps[index].container] == nil else { return nextStep() }
        return Move(action: .check(place))
    }

    /// How the pod's containers ended, those that did; `nil`: the pod is gone.
    mutating func checked(_ exitCodes: [String: Int]?) -> Move {
        guard let view else { return Move(action: .end) }
        guard let exitCodes else { return Move(note: .incomplete, action: .end) }
        ended = exitCodes
        guard view.steps.indices.contains(index) else {
            guard view.steps.allSatisfy({ exitCodes[$0.container] != nil }) else {
                return Move(note: view.hasEnded ? .incomplete : .goesOn, action: .end)
            }
            let failed = view.steps.first { exitCodes[$0.container] != 0 }
            return Move(
                note: .complete(
                    failed: failed.map { FailedStep(name: $0.name, exitCode: exitCodes[$0.container] ?? 0) }),
                action: .end)
        }
        return exitCodes[view.steps[index].container] == nil ? retry(.incomplete) : nextStep()
    }

    /// The pod cannot be read.
    mutating func checkFailed(_ reason: String) -> Move { retry(.clusterFailed(reason)) }

    /// The wait is over.
    mutating func waited() -> Move { Move(action: .look) }

    // MARK: Parts

    private func open(at place: BuildLogPlace) -> Move {
        guard let view, view.steps.indices.contains(index) else { return Move(action: .check(place)) }
        return Move(action: .open(place, view.steps[index], again: hasBegun))
    }

    private mutating func nextStep() -> Move {
        guard let place = view?.place else { return Move(action: .end) }
        index += 1
        (hasBegun, attempts) = (false, 0)
        return open(at: place)
    }

    /// Waits for a pod that is about to begin: no watch tells of it.
    private mutating func waitForPod(_ note: BuildLogNote) -> Move {
        let delay = Self.delays[min(waits, Self.delays.count - 1)]
        waits += 1
        return wait(note, by: .wait(delay))
    }

    /// Waits for a build that has not begun; says so once for each reason.
    private mutating func wait(_ note: BuildLogNote, by action: Action) -> Move {
        guard follows else { return Move(note: note, action: .end) }
        defer { lastNote = note }
        return Move(note: lastNote == note ? nil : note, action: action)
    }

    /// Tries again to read a log that should be there.
    private mutating func retry(_ note: BuildLogNote) -> Move {
        let most = follows ? Self.mostAttempts : 2
        guard attempts < most else { return Move(note: note, action: .end) }
        let delay = Self.delays[min(attempts, Self.delays.count - 1)]
        attempts += 1
        return Move(action: .wait(delay))
    }
}

/// Where a build stands, as far as its log is concerned.
struct BuildLogView: Equatable {
    /// Whether its run has ended.
    var hasEnded: Bool
    /// Whether the cluster has not begun with the run: it has no pod, and is about to get none.
    var isQueued = false
    /// What the cluster says of it.
    var message: String
    /// Where its log is; `nil` while it has no pod.
    var place: BuildLogPlace?
    /// Its steps, in the order in which they run.
    var steps: [BuildLogMachine.Step] = []
    /// Whether a step's container may have begun.
    var hasBegun = true
}

/// Where a log is: a pod.
struct BuildLogPlace: Equatable {
    var pod: String
}

/// Why a step's log cannot be opened.
enum BuildLogObstacle: Equatable {
    /// The step's container has not begun.
    case notStarted
    case noSuchContainer
    case noSuchPod
    case nodeUnreachable
    /// The cluster did not answer, or refused; why, in a sentence.
    case cluster(String)
}

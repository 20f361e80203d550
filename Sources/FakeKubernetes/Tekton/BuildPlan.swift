import Synchronization

/// How a test wants some builds to go: without a plan a build does what git says.
struct BuildPlan: Sendable {
    enum Ending: Sendable {
        /// A step ends with that code; the message is what it leaves instead of the entrypoint's entries.
        case fails(step: String, code: Int64, message: String?)
        /// A step is killed because it takes too much memory.
        case outOfMemory(step: String)
        case evicted
        case imageCannotBePulled
        case cannotBeScheduled
    }

    /// As it was given.
    let source: Value
    /// The name of the run; with a `*` at its end, the beginning of the name.
    private let run: String
    /// `nil`: it ends as it would.
    let ending: Ending?
    /// Lines for the log of the step that fails, or of the step `build`; `nil`: those of a build with Buildpacks.
    private let log: [String]?
    /// Whether the step `build` goes on, after it has written its lines, until the plan is replaced.
    let isHeld: Bool
    /// Has a value once the plan is replaced.
    let isReplaced = Signal<Bool>()

    /// Reads a plan as `PUT /_fake/builder` has it.
    init(_ value: Value) throws(StatusError) {
        source = value
        run = value["run"]?.string ?? "*"
        log = value["log"]?.array?.compactMap(\.string)
        isHeld = value["hold"]?.bool ?? false
        let step = value["step"]?.string ?? "build"
        switch value["end"]?.string {
        case nil: ending = nil
        case "fail": ending = .fails(step: step, code: value["exit"]?.int ?? 1, message: value["message"]?.string)
        case "oom": ending = .outOfMemory(step: step)
        case "evict": ending = .evicted
        case "image": ending = .imageCannotBePulled
        case "unschedulable": ending = .cannotBeScheduled
        case let end?:
            throw .badRequest("end must be fail, oom, evict, image or unschedulable, not \(end.goQuoted)")
        }
        guard BuildpacksPipeline.steps.contains(step) else {
            throw .badRequest("step must be clone, build or export, not \(step.goQuoted)")
        }
    }

    /// What a step writes besides its own words; `nil` if the plan says nothing of that.
    func log(of step: String) -> [String]? {
        var writer = "build"
        if case .fails(let failed, _, _) = ending { writer = failed }
        return step == writer ? log : nil
    }

    func matches(_ name: String) -> Bool { run.hasSuffix("*") ? name.hasPrefix(run.dropLast()) : name == run }
}

/// The plans in force; the first that matches a run holds for it.
final class BuildPlans: Sendable {
    private let plans = Mutex<[BuildPlan]>([])

    /// Replaces the plans.
    func replace(with values: [Value]) throws(StatusError) {
        var new: [BuildPlan] = []
        for value in values { new.append(try BuildPlan(value)) }
        let old = plans.withLock { plans in
            defer { plans = new }
            return plans
        }
        for plan in old { plan.isReplaced.set(true) }
    }

    /// The plans as they were given.
    var all: [Value] { plans.withLock { $0.map(\.source) } }

    func plan(for run: String) -> BuildPlan? { plans.withLock { plans in plans.first { $0.matches(run) } } }
}

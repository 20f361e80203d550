public import Components
public import Kubernetes
public import Logging
import Synchronization

/// This service's rights, as the API server says (`SelfSubjectAccessReview`, one for each right).
///
/// What it said is kept for a minute: readiness is asked for every few seconds.
public final class KubernetesServiceRights: ServiceRights {
    private struct Reading {
        let missing: [MissingRight]
        let time: ContinuousClock.Instant
    }

    private static let lifetime = Duration.seconds(60)
    /// How many questions are asked at a time.
    private static let width = 6

    private let client: KubernetesClient
    private let needed: [NeededRight]
    private let logger: Logger
    private let reading = Mutex<Reading?>(nil)

    /// The rights that this service needs.
    ///
    /// - Parameters:
    ///   - leaseNamespace: where the lease of the engine is; `nil` = it is not to run.
    ///   - importsConfigs: whether configs of the Python implementation are read.
    public init(
        client: KubernetesClient, buildNamespace: String, leaseNamespace: String?, importsConfigs: Bool = false,
        logger: Logger
    ) {
        self.client = client
        needed = NeededRight.all(
            buildNamespace: buildNamespace, leaseNamespace: leaseNamespace, importsConfigs: importsConfigs)
        self.logger = logger
    }

    /// How many rights were missing when they were asked for last; 0 before.
    public var missingCount: Int { reading.withLock { $0?.missing.count ?? 0 } }

    /// Asks for all rights, unless that was done less than a minute ago.
    public func missing() async throws(ClusterFailure) -> [MissingRight] {
        if let kept = reading.withLock({ $0 }), kept.time.duration(to: .now) < Self.lifetime { return kept.missing }
        let start = ContinuousClock.now
        let missing = try await logger.clusterRead("review access", [:]) { () throws(KubernetesError) in try await ask()
        }
        let before = reading.withLock { reading in
            defer { reading = Reading(missing: missing, time: start) }
            return reading?.missing ?? []
        }
        if !missing.isEmpty, missing != before {
            logger.warning(
                "rights are missing", metadata: ["rights": "\(missing.map(\.name).joined(separator: ", "))"])
        }
        return missing
    }

    /// Asks a few at a time: each takes a connection.
    private func ask() async throws(KubernetesError) -> [MissingRight] {
        let answers = await withTaskGroup { group in
            var answers: [NeededRight: Result<Bool, KubernetesError>] = [:]
            var remaining = needed[...]
            for right in remaining.prefix(Self.width) { group.addTask { await self.answer(to: right) } }
            remaining = remaining.dropFirst(Self.width)
            for await (right, answer) in group {
                answers[right] = answer
                guard let next = remaining.popFirst() else { continue }
                group.addTask { await self.answer(to: next) }
            }
            return answers
        }
        var missing: [MissingRight] = []
        for right in needed {
            guard let answer = answers[right], try !answer.get() else { continue }
            missing.append(MissingRight(name: right.name, isEssential: right.isEssential))
        }
        return missing
    }

    private func answer(to right: NeededRight) async -> (NeededRight, Result<Bool, KubernetesError>) {
        do throws(KubernetesError) {
            return (right, .success(try await client.isAllowed(right.question)))
        } catch {
            return (right, .failure(error))
        }
    }
}

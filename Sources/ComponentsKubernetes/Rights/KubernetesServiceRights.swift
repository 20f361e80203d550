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

    private let client: KubernetesClient
    private let needed: [NeededRight]
    private let logger: Logger
    private let reading = Mutex<Reading?>(nil)

    /// The rights that this service needs.
    ///
    /// - Parameter leaseNamespace: where the lease of the engine is; `nil` = it is not to run.
    public init(client: KubernetesClient, buildNamespace: String, leaseNamespace: String?, logger: Logger) {
        self.client = client
        needed = NeededRight.all(buildNamespace: buildNamespace, leaseNamespace: leaseNamespace)
        self.logger = logger
    }

    /// How many rights were missing when they were asked for last; 0 before.
    public var missingCount: Int { reading.withLock { $0?.missing.count ?? 0 } }

    /// Asks for all rights at once, unless that was done less than a minute ago.
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

    private func ask() async throws(KubernetesError) -> [MissingRight] {
        let answers = await withTaskGroup { group in
            for (index, right) in needed.enumerated() {
                group.addTask {
                    do throws(KubernetesError) {
                        return (
                            index,
                            Result<Bool, KubernetesError>.success(try await self.client.isAllowed(right.question))
                        )
                    } catch {
                        return (index, Result<Bool, KubernetesError>.failure(error))
                    }
                }
            }
            var answers: [(Int, Result<Bool, KubernetesError>)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
        var missing: [MissingRight] = []
        for (right, answer) in zip(needed, answers) {
            guard try !answer.get() else { continue }
            missing.append(MissingRight(name: right.name, isEssential: right.isEssential))
        }
        return missing
    }
}

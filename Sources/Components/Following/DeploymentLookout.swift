import Synchronization

import struct Foundation.Date

/// Looks at deployments for those who wait for a change: one look, begun after a signal, serves all of them.
///
/// A deployment is looked at only while somebody follows it: after each signal of `DeploymentChanges`; every five seconds
/// while those are not live; and five seconds after a look that failed. One deployment is looked at by one task, so a signal
/// that comes during a look leads to another one.
final class DeploymentLookout: Sendable {
    /// What a look has found: how the deployment stands, or that there is none, or why neither is known.
    typealias Finding = Result<DeploymentSighting?, ClusterFailure>
    /// Finds how a deployment stands now; `isLive` says whether others move it on and are heard of.
    typealias Look =
        @Sendable (_ deployment: DeploymentIdentity, _ isLive: Bool) async -> Result<DeploymentRecord?, ClusterFailure>

    /// How often is looked without being told to.
    static let interval = Duration.seconds(5)

    /// A deployment that somebody follows.
    private struct Post {
        var followers: [Int: FollowerMailbox] = [:]
        let task: Task<Void, Never>
        /// Whether the last look failed.
        var hasFailed = false
        /// When the last look of a newcomer began that brings the deployment up to date.
        var drivenAt: Date?
        /// The newest state that was shown to anybody.
        var sighting: DeploymentSighting?
    }

    private struct State {
        var posts: [DeploymentIdentity: Post] = [:]
        var nextID = 0
    }

    private let changes: any DeploymentChanges
    private let clock: any ClusterClock
    private let look: Look
    private let state = Mutex(State())

    /// A lookout over these changes.
    init(changes: any DeploymentChanges, clock: any ClusterClock, look: @escaping Look) {
        self.changes = changes
        self.clock = clock
        self.look = look
    }

    /// Begins to follow a deployment.
    ///
    /// What is stored from the moment at which this returns is found: look at the deployment after it.
    func follow(_ deployment: DeploymentIdentity) -> DeploymentFollower {
        let mailbox = FollowerMailbox()
        let id = state.withLock { state in
            if state.posts[deployment] == nil {
                let signals = changes.changes(of: deployment)
                // Nobody's request: it goes on when the follower that was first has left.
                let task = Task.detached { await self.watch(deployment, signals) }
                state.posts[deployment] = Post(task: task)
            }
            defer { state.nextID += 1 }
            state.posts[deployment]?.followers[state.nextID] = mailbox
            return state.nextID
        }
        return DeploymentFollower(mailbox: mailbox) { [weak self] in self?.leave(deployment, id) }
    }

    /// What is shown of a record: made once for each state of a deployment that is followed, so that a thousand who wait for it
    /// do not keep a thousand copies.
    func sighting(of record: DeploymentRecord) -> DeploymentSighting {
        let identity = record.request.identity
        let known = state.withLock { $0.posts[identity]?.sighting }
        if let known, known.isOf(record) { return known }
        let sighting = DeploymentSighting(record: record)
        // Whoever is shown an older state keeps it alone.
        let isOlder = known.map { $0.record.identity == record.identity && $0.record.isNewer(than: record) } ?? false
        if !isOlder { state.withLock { $0.posts[identity]?.sighting = sighting } }
        return sighting
    }

    /// Whether the first look of one who follows the deployment from now on has to bring it up to date with its builds, which
    /// takes a call for each unfinished one.
    ///
    /// While changes are live one such look in five seconds is enough for all: what it stores is told. It is not left out,
    /// because it may be that nobody leads.
    func newcomerDrives(_ deployment: DeploymentIdentity) -> Bool {
        guard changes.isLive else { return true }
        let now = clock.now()
        return state.withLock { state in
            if let last = state.posts[deployment]?.drivenAt,
                Duration.seconds(abs(now.timeIntervalSince(last))) < Self.interval
            {
                return false
            }
            state.posts[deployment]?.drivenAt = now
            return true
        }
    }

    /// How many deployments are followed.
    var count: Int { state.withLock { $0.posts.count } }

    private func leave(_ deployment: DeploymentIdentity, _ id: Int) {
        let task = state.withLock { state -> Task<Void, Never>? in
            state.posts[deployment]?.followers[id] = nil
            guard let post = state.posts[deployment], post.followers.isEmpty else { return nil }
            state.posts[deployment] = nil
            return post.task
        }
        task?.cancel()
    }

    private func watch(_ deployment: DeploymentIdentity, _ signals: AsyncStream<Void>) async {
        let (due, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in signals { look.yield() } }
            group.addTask {
                while !Task.isCancelled {
                    await self.clock.sleep(for: Self.interval)
                    if !self.changes.isLive || self.hasFailed(deployment) { look.yield() }
                }
            }
            for await _ in due {
                let finding = await find(deployment)
                for follower in followers(of: deployment, noting: finding) { follower.put(finding) }
            }
            group.cancelAll()
        }
    }

    /// Looks once; what that takes of memory is not kept between two looks.
    private func find(_ deployment: DeploymentIdentity) async -> Finding {
        await look(deployment, changes.isLive).map { $0.map(sighting) }
    }

    private func hasFailed(_ deployment: DeploymentIdentity) -> Bool {
        state.withLock { $0.posts[deployment]?.hasFailed ?? false }
    }

    private func followers(
        of deployment: DeploymentIdentity, noting finding: Finding
    ) -> [FollowerMailbox] {
        state.withLock { state in
            if case .failure = finding {
                state.posts[deployment]?.hasFailed = true
            } else {
                state.posts[deployment]?.hasFailed = false
            }
            return state.posts[deployment].map { Array($0.followers.values) } ?? []
        }
    }
}

/// A state of a deployment: one object, which all keep to whom it is shown.
///
/// Records and deployments are large values. Each variable of such a type takes its size in the memory of every task that
/// waits, however much the values share.
final class DeploymentSighting: Sendable {
    /// As it is stored.
    let record: DeploymentRecord
    /// As it is shown.
    let shown: SeenDeployment.State
    /// Whether it has ended.
    let hasEnded: Bool

    init(record: DeploymentRecord) {
        self.record = record
        hasEnded = record.phase.isTerminal
        shown = SeenDeployment.State(deployment: record.deployment, version: record.version)
    }

    /// Whether that record is in this state.
    fileprivate func isOf(_ record: DeploymentRecord) -> Bool {
        self.record.identity == record.identity && self.record.version == record.version
            && self.record.status == record.status
    }

    /// Whether this is a later state of the same record.
    func isNewer(than other: DeploymentSighting) -> Bool { record.isNewer(than: other.record) }

    /// Whether both are of one object of the cluster, and not of two that had the same name.
    func isOfSameObject(as other: DeploymentSighting) -> Bool { record.identity == other.record.identity }
}

/// Somebody who follows a deployment, for as long as this lives.
final class DeploymentFollower: Sendable {
    private let mailbox: FollowerMailbox
    private let leave: @Sendable () -> Void

    fileprivate init(mailbox: FollowerMailbox, leave: @escaping @Sendable () -> Void) {
        self.mailbox = mailbox
        self.leave = leave
    }

    deinit { leave() }

    /// What has come since the last call, merged; waits for it.
    ///
    /// - Returns: `nil` at the end, and when the task is cancelled.
    func next() async -> FollowerMailbox.Contents? { await mailbox.next() }

    /// Says that time has passed.
    func nudge() { mailbox.nudge() }

    /// Ends the following.
    func finish() { mailbox.finish() }
}

/// What has come for one follower and was not taken yet; a newer finding replaces an older one.
final class FollowerMailbox: Sendable {
    /// What has come.
    struct Contents: Sendable {
        /// The newest finding.
        var finding: DeploymentLookout.Finding?
        /// Whether time has passed.
        var isNudged = false

        fileprivate var isEmpty: Bool { finding == nil && !isNudged }
    }

    private let contents = Mutex(Contents())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    fileprivate init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    fileprivate func put(_ finding: DeploymentLookout.Finding) {
        contents.withLock { $0.finding = finding }
        signal.yield()
    }

    fileprivate func nudge() {
        contents.withLock { $0.isNudged = true }
        signal.yield()
    }

    fileprivate func finish() { signal.finish() }

    fileprivate func next() async -> Contents? {
        var iterator = signals.makeAsyncIterator()
        while await iterator.next() != nil {
            let taken = contents.withLock { contents in
                defer { contents = Contents() }
                return contents
            }
            if !taken.isEmpty { return taken }
        }
        return nil
    }
}

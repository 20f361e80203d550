import Logging

extension PipelineRunBuilder {
    /// What came first.
    private enum Step: Sendable {
        case done
        case failed(GitFailure)
        case timedOut
        case stopped(BuildStop)
        /// The builder itself is to end.
        case interrupted
    }

    /// Builds one run to its end.
    ///
    /// - Returns: The run as it is, if it is not to be built now.
    func build(_ run: PipelineRun.Identity, unless stop: Signal<BuildStop>) async -> PipelineRun? {
        let opening = await first(
            of: { await gate.wait() == nil ? .interrupted : .done }, unless: stop, within: nil)
        switch opening {
        case .stopped(.cancelled):
            await end(run, as: .cancelled)
            return nil
        case .done: break
        default: return nil
        }

        guard let adopted = await adopt(run) else { return nil }
        guard !adopted.isHeld else { return adopted }
        guard !adopted.isCancelled else {
            await end(run, as: .cancelled)
            return nil
        }
        do {
            try BuildpacksPipeline.check(adopted)
        } catch {
            await end(run, as: .refused(error))
            return nil
        }
        guard await write(run, { $0.running(at: now()) }) else { return nil }
        logger.debug("build begun", metadata: ["run": "\(run.name)"])

        let source = GitSource(
            url: adopted.parameter("SOURCE_URL") ?? "", reference: adopted.parameter("SOURCE_REFERENCE") ?? "")
        let timeout = adopted.timeout
        let ending = await first(of: { await work(on: source) }, unless: stop, within: timeout?.duration)
        switch (ending, timeout) {
        case (.done, _): await end(run, as: .succeeded)
        case (.failed(let failure), _): await end(run, as: .failed(failure.words))
        case (.timedOut, let timeout?): await end(run, as: .timedOut(timeout))
        case (.stopped(.cancelled), _): await end(run, as: .cancelled)
        case (.stopped(.deleted), _), (.interrupted, _), (.timedOut, nil): break
        }
        return nil
    }

    /// Says that a run is held.
    func hold(_ run: PipelineRun.Identity) async {
        guard await gate.wait() != nil, await adopt(run) != nil else { return }
        _ = await write(run) { $0.isHeld && $0.condition == nil ? $0.held(at: now()) : nil }
    }

    /// Writes the end of a run; a cancellation that came before the end wins over success.
    func end(_ run: PipelineRun.Identity, as ending: BuildEnding) async {
        if ending == .cancelled { _ = await adopt(run) }
        let isWritten = await write(run) { current in
            current.ended(ending == .succeeded && current.isCancelled ? .cancelled : ending, at: now())
        }
        if isWritten { logger.debug("build ended", metadata: ["run": "\(run.name)"]) }
    }

    private func work(on source: GitSource) async -> Step {
        do {
            try await GitCloner(settings: settings.git).clone(source)
            // As long as a build is said to take: nothing is really built after the clone.
            try await Task.sleep(for: settings.duration)
        } catch {
            guard !Task.isCancelled else { return .interrupted }
            return .failed(error as? GitFailure ?? GitFailure("fatal: \(error)"))
        }
        return await gate.wait() == nil ? .interrupted : .done
    }

    /// Does some work until it is done, stopped or out of time; whatever else was begun is over when this returns.
    private func first(
        of work: @escaping @Sendable () async -> Step, unless stop: Signal<BuildStop>, within limit: Duration?
    ) async -> Step {
        await withTaskGroup(of: Step.self) { group in
            group.addTask { await work() }
            group.addTask { await stop.wait().map { .stopped($0) } ?? .interrupted }
            if let limit {
                // The run's own time limit, which ends with the run if that is sooner.
                group.addTask { (try? await Task.sleep(for: limit)) == nil ? .interrupted : .timedOut }
            }
            let first = await group.next() ?? .interrupted
            group.cancelAll()
            return first
        }
    }

    // MARK: Reading and writing

    /// Gives a run its label and defaults; `nil` if there is nothing left to do with it.
    private func adopt(_ run: PipelineRun.Identity) async -> PipelineRun? {
        while let current = await current(run) {
            guard let adopted = current.adopted else { return current }
            do {
                try await cluster.store(adopted)
            } catch {
                guard case .modified = error else { return giveUp(run, because: error) }
            }
        }
        return nil
    }

    /// Writes a run's status, computed again from what is there after each conflict.
    ///
    /// - Returns: Whether it was written; not if the run has ended or is gone, or `status` returns `nil`.
    private func write(_ run: PipelineRun.Identity, _ status: (PipelineRun) -> Value?) async -> Bool {
        while let current = await current(run) {
            guard let next = status(current) else { return false }
            do {
                try await cluster.storeStatus(of: next)
                return true
            } catch {
                guard case .modified = error else { return giveUp(run, because: error) != nil }
            }
        }
        return false
    }

    private func current(_ run: PipelineRun.Identity) async -> PipelineRun? {
        let current = await cluster.pipelineRun(named: run.name, in: settings.namespace).map { PipelineRun($0) }
        guard let current, current.identity == run, !current.hasEnded else { return nil }
        return current
    }

    private func giveUp(_ run: PipelineRun.Identity, because conflict: BuilderConflict) -> PipelineRun? {
        if case .refused(let reason) = conflict {
            logger.error("the cluster refused a write", metadata: ["run": "\(run.name)", "reason": "\(reason)"])
        }
        return nil
    }
}

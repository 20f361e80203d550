import Components
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

/// Why a build failed, from what a real Tekton wrote, and from what its other versions and other steps write.
struct BuildFailureReadingTests {
    private typealias Reading = BuildFailureReading

    // MARK: Recorded

    @Test(
        arguments: [
            ("TaskRun: a step ends with exit code 1", Reason.buildFailed, "build", 1),
            ("TaskRun: a step fails; its termination message is not the entrypoint's JSON", .buildFailed, "build", 2),
            ("TaskRun: the pod is deleted by hand while it runs", .buildFailed, "build", 143),
            (
                "TaskRun: a step is OOMKilled (the step after it still says running, and stays so)", .outOfMemory,
                "build", 137
            ),
            ("TaskRun: the pod is evicted", .evicted, nil, nil),
            ("TaskRun: ImagePullBackOff", .imagePullFailed, nil, nil),
            ("TaskRun: timeouts.pipeline ran out", .cancelled, nil, nil),
        ] as [(String, Reason, String?, Int?)])
    func readsEveryRecordedFailure(_ name: String, reason: Reason, step: String?, exitCode: Int?) throws {
        let reading = try #require(BuildFailureReading(try Self.recorded(name)))
        #expect(reading.reason == reason)
        #expect(reading.step == step)
        #expect(reading.exitCode == exitCode)
        #expect(reading.message.contains(reason.nextStep))
    }

    @Test(arguments: [
        ("TaskRun: a step ends with exit code 1", "(step build, exit code 1); "),
        (
            "TaskRun: a step fails; its termination message is not the entrypoint's JSON",
            "(step build, exit code 2): no buildpack fits; "
        ),
        ("TaskRun: the pod is evicted", "low on resource: memory. Threshold quantity: 100Mi, available: 55Mi.; "),
        (
            "TaskRun: ImagePullBackOff",
            #": Back-off pulling image "registry.example/git:1": ErrImagePull: failed to pull and unpack image "#
                + #""registry.example/git:1": not found; "#
        ),
    ])
    func repeatsWhatTheClusterSays(_ name: String, words: String) throws {
        #expect(try #require(BuildFailureReading(try Self.recorded(name))).message.contains(words))
    }

    @Test func theStepThatATimeoutInterruptedIsNamedWhetherItsTaskHasEndedOrNot() throws {
        #expect(try Self.recorded("TaskRun: timeouts.pipeline ran out").interruptedStep == "build")
        let early = try Self.recorded("Cancelled: the PipelineRun has ended, its TaskRun not yet")
        #expect(early.interruptedStep == "build")
        let message = BuildFailureReading(timeoutOf: early).message
        #expect(message.hasPrefix("the build took longer than it may (step build); "))
        let waiting = try Self.recorded("TaskRun: the pod cannot be scheduled")
        #expect(waiting.interruptedStep == nil)
        #expect(BuildFailureReading(timeoutOf: waiting).message.contains(": its pod did not begin; "))
    }

    @Test(arguments: [
        "TaskRun: the pod is made, no step has begun", "TaskRun running: the first step has ended",
        "TaskRun succeeded: status.results", "TaskRun: the pod cannot be scheduled",
    ])
    func aTaskThatHasNotFailedIsNoFailure(_ name: String) throws {
        #expect(BuildFailureReading(try Self.recorded(name)) == nil)
    }

    /// Nothing in the recordings is read as anything without a test above.
    @Test func everyRecordedTaskRunBelongsToItsRun() throws {
        var count = 0
        for body in try Recordings.answers("taskruns").values where body["kind"]?.stringValue == "TaskRun" {
            let taskRun = try TaskRunObject(json: body)
            let run = try #require(taskRun.metadata.labels["tekton.dev/pipelineRun"])
            #expect(taskRun.belongs(to: run))
            #expect(!taskRun.belongs(to: "\(run)x"))
            count += 1
        }
        #expect(count > 10)
    }

    // MARK: Waiting

    @Test(
        arguments: [
            ("TaskRun: the pod cannot be scheduled", Reason.unschedulable),
            ("TaskRun: the pod is made, no step has begun", nil), ("TaskRun running: the first step has ended", nil),
            ("TaskRun succeeded: status.results", nil), ("TaskRun: a step ends with exit code 1", nil),
        ] as [(String, Reason?)])
    func readsWhetherARecordedTaskWaits(_ name: String, reason: Reason?) throws {
        let condition = try #require(try Self.recorded(name).condition)
        #expect(BuildWaitReading(condition)?.reason == reason)
    }

    @Test(
        arguments: [
            ("ExceededResourceQuota", "pods is forbidden: exceeded quota: q", Reason.quotaFull),
            ("PullImageFailed", "build step \"step-clone\" is pending with reason \"not found\"", .imagePullFailed),
            (
                "Pending",
                #"pod status "PodScheduled":"False"; message: "0/1 nodes are available: 1 untolerated taint""#,
                .unschedulable
            ),
            ("Pending", #"pod status "Initialized":"False"; message: """#, nil), ("Pending", "Pending", nil),
            ("Started", "", nil), ("ResolvingTaskRef", "x", nil),
        ] as [(String, String, Reason?)])
    func readsWhatATaskWaitsFor(_ word: String, message: String, reason: Reason?) throws {
        let condition = try #require(TektonCondition(in: Self.status(word, message)))
        let reading = BuildWaitReading(condition)
        #expect(reading?.reason == reason)
        if let reading { #expect(reading.message.hasPrefix("\(reading.reason.sentence): \(message); the build waits")) }
    }

    // MARK: The run's condition

    @Test(arguments: [
        ("failed: a step ended with a code other than 0", Reason.buildFailed),
        ("no such pipeline", .pipelineMissing), ("a parameter is missing", .clusterRefused),
        ("a workspace is missing", .clusterRefused), ("ran out of time", .buildTimedOut), ("cancelled", .cancelled),
        ("cancelled while pending", .cancelled), ("a name of 74 characters fails afterwards", .clusterRefused),
    ])
    func readsEveryRecordedRunThatEnded(_ name: String, reason: Reason) throws {
        let body = try #require(try Recordings.answers("pipelineruns")[name])
        let condition = try #require(TektonCondition(in: body["status"]))
        #expect(BuildFailureReading(runCondition: condition).reason == reason)
    }

    @Test(arguments: [
        ("CouldntGetTask", "tasks.tekton.dev \"x\" not found", Reason.pipelineMissing),
        ("CouldntGetPipeline", "dial tcp 127.0.0.1:443: connect: connection refused", .clusterRefused),
        ("CreateRunFailed", "taskruns is forbidden: exceeded quota: q", .quotaFull),
        ("CouldntGetPipelineResult", "invalid pipelineresults [A]", .buildFailed), ("SomethingNew", "x", .buildFailed),
        ("PipelineRunCancelled", "", .cancelled), ("", "", .buildFailed),
    ])
    func readsOtherConditionsOfRuns(_ word: String, message: String, reason: Reason) throws {
        let status = Self.status(word, message)
        let reading = BuildFailureReading(runCondition: try #require(TektonCondition(in: status)))
        #expect(reading.reason == reason)
        if reason == .buildFailed, !word.isEmpty { #expect(reading.message.contains(word)) }
    }

    // MARK: Steps

    @Test(arguments: [
        ("remote: Repository not found.\nfatal: repository 'https://x.test/a/' not found", Reason.repositoryNotFound),
        ("fatal: unable to access 'https://x.test/': The requested URL returned error: 404", .repositoryNotFound),
        (
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled", .repositoryPrivate
        ),
        ("fatal: Authentication failed for 'https://x.test/'", .repositoryPrivate),
        ("fatal: unable to access 'https://x.test/': The requested URL returned error: 403", .repositoryPrivate),
        ("fatal: unable to access 'https://x.test/': Could not resolve host: x.test", .repositoryUnreachable),
        ("fatal: unable to access 'https://x.test/': Failed to connect to x.test port 443", .repositoryUnreachable),
        ("fatal: unable to access 'https://x.test/': SSL certificate problem: expired", .repositoryUnreachable),
        ("fatal: unable to access 'https://x.test/': The requested URL returned error: 503", .repositoryUnreachable),
        ("Cloning into 'r'...\nwarning: x\nfatal: Remote branch no-such not found in upstream origin", .refNotFound),
        ("fatal: couldn't find remote ref refs/heads/x", .refNotFound),
        ("error: pathspec 'x' did not match any file(s) known to git", .refNotFound),
        ("fatal: reference is not a tree: 1234", .refNotFound), ("something else", .buildFailed), ("", .buildFailed),
    ])
    func gitsWordsTellTheCauseInTheStepThatClonesAlone(_ message: String, reason: Reason) throws {
        #expect(try Self.reading(step: "clone", exitCode: 128, message: message).reason == reason)
        let elsewhere = try Self.reading(step: "build", exitCode: 128, message: message)
        #expect(elsewhere.reason == .buildFailed)
        #expect(elsewhere.step == "build")
        #expect(elsewhere.exitCode == 128)
    }

    @Test func theLineThatTellsTheCauseIsShownInColourless() throws {
        let message = "Cloning…\n\u{1B}[31mfatal:\u{1B}[0m couldn't find remote ref x\u{7}\nhint: more\n"
        let reading = try Self.reading(step: "clone", exitCode: 128, message: message)
        #expect(reading.words == "fatal: couldn't find remote ref x")
    }

    @Test(arguments: [
        (
            "export",
            "ERROR: denied: adding 2 MiB of storage resource, which when updated to current usage of 1 GiB will "
                + "exceed the configured upper limit of 1 GiB.", Reason.registryQuotaExceeded
        ),
        ("export", "ERROR: failed to write image: unauthorized: unauthorized to access repository", .registryRefused),
        ("analyze", "ERROR: failed to ensure registry read/write access to r/x:latest", .registryRefused),
        ("export", "NAME_UNKNOWN: project tool-x not found", .registryRefused), ("export", "no space", .buildFailed),
        ("detect", "ERROR: No buildpack groups passed detection.", .buildpackNotDetected),
        ("build", "npm ERR! denied: x", .buildFailed), ("test", "No buildpack groups passed detection", .buildFailed),
    ])
    func theLifecyclesWordsTellTheCauseInItsOwnSteps(_ step: String, message: String, reason: Reason) throws {
        #expect(try Self.reading(step: step, exitCode: 1, message: message).reason == reason)
    }

    @Test(arguments: [
        ("detect", 20, Reason.buildpackNotDetected), ("detect", 21, .buildpackNotDetected),
        ("detect", 100, .buildpackNotDetected), ("create", 20, .buildpackNotDetected),
        ("build", 21, .buildpackNotDetected), ("detect", 22, .buildFailed), ("build", 51, .buildFailed),
        ("build", 100, .buildFailed), ("clone", 20, .buildFailed), ("export", 62, .buildFailed),
        ("build", 137, .buildFailed),
    ])
    func anExitCodeTellsTheCauseWhereTheLifecycleSaysSo(_ step: String, exitCode: Int, reason: Reason) throws {
        #expect(try Self.reading(step: step, exitCode: exitCode, message: "").reason == reason)
    }

    // MARK: Other TaskRuns

    @Test(arguments: [
        (
            "PodCreationFailed",
            #"failed to create task run pod "x": serviceaccounts "buildpacks-service-account" not found. Maybe invalid TaskSpec"#,
            Reason.serviceAccountMissing
        ),
        (
            "PodCreationFailed",
            #"pods "x" is forbidden: error looking up service account b/a: serviceaccount "a" not found"#,
            .serviceAccountMissing
        ),
        ("PodCreationFailed", "dial tcp 127.0.0.1:6443: connect: connection refused", .clusterRefused),
        ("CreateContainerConfigError", "x", .buildFailed),
        ("Failed", "The node was low on resource: memory. ", .evicted),
        ("Failed", #"Usage of EmptyDir volume "ws" exceeds the limit "1Gi". "#, .evicted),
        ("StepOOM", "OOMKilled", .outOfMemory), ("InitContainerOOM", "init container failed", .outOfMemory),
        ("TaskRunTimeout", "failed to finish within 1h", .buildTimedOut),
        ("TaskRunResolutionFailed", "x", .pipelineMissing), ("TaskRunValidationFailed", "x", .clusterRefused),
        ("PodAdmissionFailed", "violates PodSecurity", .clusterRefused), ("NewWord", "x", .buildFailed),
    ])
    func readsATaskRunWithoutAStepThatFailed(_ word: String, message: String, reason: Reason) throws {
        let reading = try #require(BuildFailureReading(try Self.taskRun(Self.status(word, message))))
        #expect(reading.reason == reason)
        #expect(reading.step == nil)
        #expect(reading.exitCode == nil)
    }

    @Test func olderVersionsOfTektonSayFailedAndLeaveTheRestToTheSteps() throws {
        let killed = Self.step("build", exitCode: 137, reason: "OOMKilled", message: "")
        let skipped = Self.step("export", exitCode: 1, reason: "Error", message: "")
        let good = Self.step("clone", exitCode: 0, reason: "Completed", message: "")
        let reading = try #require(
            BuildFailureReading(try Self.taskRun(Self.status("Failed", "m", [good, killed, skipped]))))
        #expect(reading == Reading(reason: .outOfMemory, step: "build", exitCode: 137))
    }

    @Test func aStepThatOutlivedItsOwnLimitTookTooLong() throws {
        let step = Self.step("build", exitCode: 1, reason: "Error", message: "", terminationReason: "TimeoutExceeded")
        let reading = try #require(BuildFailureReading(try Self.taskRun(Self.status("StepFailed", "m", [step]))))
        #expect(reading.reason == .buildTimedOut)
    }

    @Test(
        arguments: [
            nil, [], "x", ["conditions": [["type": "Succeeded", "status": "False"]]],
            [
                "conditions": [["type": "Succeeded", "status": "False", "reason": 1]],
                "steps": [1, "x", ["name": 3], [:]],
            ],
            [
                "conditions": [["type": "Succeeded", "status": "False"]],
                "steps": [["name": "s", "terminated": ["exitCode": "1"]]],
            ],
            [
                "conditions": [["type": "Succeeded", "status": "False"]],
                "steps": [["name": "s", "terminated": ["exitCode": [1]]]],
            ],
        ] as [JSONValue])
    func aStatusOfAnotherShapeIsReadAsFarAsItGoes(_ status: JSONValue) throws {
        let reading = BuildFailureReading(try Self.taskRun(status))
        #expect(reading == nil || reading?.reason == .buildFailed)
    }

    @Test func aMessageFitsIntoTheRecord() throws {
        let reading = try Self.reading(step: "export", exitCode: 1, message: String(repeating: "long ", count: 1_000))
        #expect(reading.message.unicodeScalars.count == 1_024)
    }

    // MARK: Support

    private static func recorded(_ name: String) throws -> TaskRunObject {
        try TaskRunObject(json: try #require(try Recordings.answers("taskruns")[name]))
    }

    private static func taskRun(_ status: JSONValue) throws -> TaskRunObject {
        try TaskRunObject(json: ["metadata": ["name": "r-build-from-git"], "status": status])
    }

    private static func status(_ word: String, _ message: String, _ steps: [JSONValue] = []) -> JSONValue {
        [
            "conditions": [
                ["type": "Succeeded", "status": "False", "reason": .string(word), "message": .string(message)]
            ], "steps": .array(steps),
        ]
    }

    private static func step(
        _ name: String, exitCode: Int, reason: String, message: String, terminationReason: String? = nil
    ) -> JSONValue {
        var step: JSONObject = [
            "name": .string(name), "container": .string("step-\(name)"),
            "terminated": [
                "exitCode": .number(JSONNumber(exitCode)), "reason": .string(reason), "message": .string(message),
            ],
        ]
        step["terminationReason"] = terminationReason.map(JSONValue.string)
        return .object(step)
    }

    private static func reading(step: String, exitCode: Int, message: String) throws -> BuildFailureReading {
        let failed = Self.step(step, exitCode: exitCode, reason: "Error", message: message)
        let status = Self.status("StepFailed", #""step-x" exited with code 1: Error"#, [failed])
        return try #require(BuildFailureReading(try taskRun(status)))
    }
}

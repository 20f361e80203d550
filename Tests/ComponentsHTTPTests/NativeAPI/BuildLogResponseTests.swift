import Components
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// The log of a build over HTTP: which part is asked for, and how it is written.
struct BuildLogResponseTests {
    private static let path = "/api/v1/tool/demo/deploy/d/builds/web/log"
    private static let time = Array("2026-11-29T18:22:19.000000001Z".utf8)[...]
    private static let events: [BuildLogEvent] = [
        .note(.isBuild(of: "api")),
        .lines(
            step: "build",
            [
                BuildLogLine(time: time, text: Array("a \"quoted\" é\tline".utf8)[...]),
                BuildLogLine(text: Array("long".utf8)[...], isCut: true),
            ]),
        .pause, .note(.complete(failed: FailedStep(name: "build", exitCode: 2))),
    ]

    /// What is sent, piece by piece.
    private func sent(_ query: String = "", accept: String? = nil) async throws -> (APIResponse, [String]) {
        var fields: HTTPFields = [:]
        fields[.accept] = accept
        let (response, _) = await exchange(
            APIRequest(.get, Self.path + query, fields: fields), script: .init(log: Self.events))
        var pieces: [String] = []
        if case .stream(let stream) = response.content {
            try await stream { pieces.append(String(decoding: $0, as: UTF8.self)) }
        }
        return (response, pieces)
    }

    @Test func textHasTheStepBeforeEachLine() async throws {
        let (response, pieces) = try await sent()
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/plain; charset=utf-8")
        #expect(response.head.headerFields[.accelBuffering] == "no")
        #expect(
            pieces == [
                "-- The component has no build of its own: this is the log of the build of api.\n",
                "[build] a \"quoted\" é\tline\n[build] long [cut: the line is longer than 64 KiB]\n",
                "\n", "-- The log is complete. The step build failed with the exit code 2.\n",
            ])
        let (_, timed) = try await sent("?timestamps=true")
        #expect(timed[1].hasPrefix("[build] 2026-11-29T18:22:19.000000001Z a \"quoted\""))
    }

    @Test func linesAreJSONValues() async throws {
        let (response, pieces) = try await sent(accept: "application/x-ndjson")
        #expect(response.head.headerFields[.contentType] == "application/x-ndjson")
        let lines = pieces.joined().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 6)
        let values = try lines.filter { !$0.isEmpty }.map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(values[0]["note"]?.stringValue?.contains("build of api") == true)
        #expect(
            values[1]
                == ["time": "2026-11-29T18:22:19.000000001Z", "step": "build", "line": "a \"quoted\" é\tline"])
        #expect(values[2] == ["time": .null, "step": "build", "line": "long [cut: the line is longer than 64 KiB]"])
        #expect(values[3]["complete"] == true)
    }

    @Test(arguments: [
        (nil, "text/plain; charset=utf-8"), ("*/*", "text/plain; charset=utf-8"),
        ("application/json", "text/plain; charset=utf-8"), ("application/*", "application/x-ndjson"),
        ("text/plain;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("text/plain, application/x-ndjson", "text/plain; charset=utf-8"),
    ])
    func theFormIsTheOneThatIsPreferred(_ accept: String?, _ type: String) async throws {
        let (response, _) = try await sent(accept: accept)
        #expect(response.head.headerFields[.contentType] == type)
    }

    @Test func theQueryIsWhatIsAskedFor() async throws {
        let tool = try ToolName(known: "demo")
        let since = Date(timeIntervalSince1970: 1_795_342_500)
        for (query, wanted) in [
            ("", BuildLogQuery()), ("?follow=true&timestamps=false", BuildLogQuery(follow: true)),
            ("?follow=false&tail=0", BuildLogQuery(tailLines: 0)), ("?tail=100", BuildLogQuery(tailLines: 100)),
            ("?since=2026-11-22T10:15:00Z", BuildLogQuery(since: since)),
            ("?since=2026-11-22T12:15:00%2B02:00", BuildLogQuery(since: since)),
        ] {
            let (response, calls) = await exchange(APIRequest(.get, Self.path + query))
            #expect(response.head.status == .ok)
            #expect(calls == [.buildLog("web", id: "d", tool, wanted)])
        }
        let (_, calls) = await exchange(APIRequest(.get, "/api/v1/tool/demo/deploy/latest/builds/a%20b/log"))
        #expect(
            calls == [.latestDeploymentID(tool), .buildLog("a b", id: Deployment.example.id, tool, BuildLogQuery())])
    }

    @Test(arguments: [
        ("follow=yes", "follow"), ("follow", "follow"), ("timestamps=1", "timestamps"), ("tail=-1", "tail"),
        ("tail=%2B1", "tail"), ("tail=all", "tail"), ("tail=9999999999999999999", "tail"), ("since=10m", "since"),
        ("since=2026-11-22", "since"), ("previous=true", "previous"),
    ])
    func whatCannotBeMeantIsRefused(_ query: String, _ name: String) async throws {
        let (response, calls) = await exchange(APIRequest(.get, "\(Self.path)?\(query)"))
        #expect(response.head.status == .badRequest)
        #expect(try response.errors()[0].contains(name))
        #expect(calls.isEmpty)
    }

    @Test func anEarlierBuildIsNamedWithItsDeployment() {
        let sentence = BuildLogText.sentence(.isEarlierBuild(of: "web", in: "demo-deploy-1"))
        #expect(sentence.contains("the build of web in the deployment demo-deploy-1"))
    }

    @Test func aHeadIsOverAtOnce() async throws {
        let (response, calls) = await exchange(APIRequest(.head, Self.path + "?follow=true"))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/plain; charset=utf-8")
        #expect(response.body.isEmpty)
        #expect(calls.count == 1)
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let identity = DeploymentIdentity(id: "d", tool: try ToolName(known: "demo"))
        let (response, _) = await exchange(
            APIRequest(.get, Self.path),
            script: .failing(.componentMissing(identity, component: "wbe", known: ["api", "web"])))
        #expect(response.head.status == .notFound)
        #expect(
            try response.errors() == [
                #"The deployment d has no component "wbe": it has "api", "web". Did you mean "web"?"#
            ])
    }

    @Test func everyNoteIsASentence() {
        let notes: [BuildLogNote] = [
            .isBuild(of: "api"), .neverStarted("a quota is full."), .waiting("Tasks Completed: 0"), .waiting(""),
            .complete(failed: nil), .goesOn, .nothingWritten, .gone(isKept: true), .gone(isKept: false),
            .nodeUnreachable,
            .incomplete, .clusterFailed("it is away"), .serviceStops,
        ]
        for note in notes {
            let sentence = BuildLogText.sentence(note)
            #expect(sentence.hasSuffix(".") && !sentence.contains("  ") && !sentence.contains("()"))
        }
    }
}

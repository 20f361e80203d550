import Components
import HTTPTypes
import JSON
import Logging

/// What the endpoints of `FieldAPI` do, its tokens aside: from the request to the operation and back.
struct FieldHandlers: Sendable {
    let operations: any ComponentsOperations
    /// What happens to deployments that overlap, where the request does not say.
    var overlap = DeploymentOptions.Overlap.reject
    /// Whether builds of what has not changed are left out, where the request does not say.
    var skipsUnchanged = false

    // MARK: The config

    func getConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let config = try await operations.config(of: tool)
        return Response(
            Envelope(field: config.document, warnings: [FieldTexts.betaWarning] + (config.note.map { [$0] } ?? [])))
    }

    func storeConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let document = try RequestDocument.document(of: request)
        let stored = try await operations.store(config: document, for: tool, if: .none)
        return Response(
            Envelope(
                field: stored.record.document, info: ["Configuration for \(tool) updated successfully."],
                warnings: [FieldTexts.betaWarning] + stored.warnings))
    }

    func removeConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let removal = try await operations.removeConfig(of: tool, if: .none)
        // Whatever was stored can be removed, but only a config is returned.
        let isConfig = removal.record.document.objectValue != nil
        return Response(
            Envelope(
                field: isConfig ? removal.record.document : .object(JSONObject()),
                warnings: [FieldTexts.betaWarning] + NativeHandlers.warnings(about: removal)))
    }

    /// Jobs are not read, so there is nothing to make a config from but the one that is stored.
    func generateConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        do throws(ComponentsError) {
            let config = try await operations.config(of: tool)
            return Response(
                Envelope(
                    field: config.document, info: ["This is the stored configuration of \(tool)."],
                    warnings: [FieldTexts.betaWarning] + (config.note.map { [$0] } ?? [])))
        } catch {
            guard case .configMissing = error else { throw error }
            return Response(
                Envelope(
                    field: FieldTexts.exampleConfig(of: tool.value),
                    warnings: [FieldTexts.betaWarning] + FieldTexts.exampleWarnings))
        }
    }

    // MARK: Deployments

    func listDeployments(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let deployments = try await operations.deployments(of: tool).reversed().map(FieldDeploymentView.json)
        return Response(Envelope(field: ["deployments": .array(deployments)]))
    }

    func startDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let key = try IdempotencyKey.key(of: request.head)
        let order = DeploymentOrder(
            key: key, options: try options(of: request), requestedBy: request.person)
        let started = try await operations.deploy(tool, order)
        var response = response(
            started.deployment, info: ["Deployment for \(tool) created successfully."], warnings: started.warnings)
        if started.isReplay { response.fields[.idempotentReplayed] = "true" }
        return response
    }

    func getDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let wait = try NativeHandlers.wait(request.query)
        let id = try await id(in: request, of: tool)
        guard let wait, request.mayWait else { return response(try await operations.deployment(id, of: tool)) }
        return response(try await operations.deployment(id, of: tool, endedWithin: .seconds(wait)))
    }

    func removeDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let id = request.path["deployment_id"]
        guard id != NativeHandlers.latest else {
            throw ErrorResponse(
                .badRequest,
                "The latest deployment may be another one by now: name the one to delete by its id "
                    + "(`toolforge components deployment list` lists them).")
        }
        return response(
            try await operations.removeDeployment(id, of: tool), info: ["Deployment \(id) deleted successfully."])
    }

    func cancelDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        response(
            try await operations.cancelDeployment(try await id(in: request, of: tool), of: tool, by: request.person),
            info: ["Deployment flagged for cancellation, might take a moment to cancel."])
    }

    private func id(in request: AdmittedRequest, of tool: ToolName) async throws -> String {
        let id = request.path["deployment_id"]
        return id == NativeHandlers.latest ? try await operations.latestDeploymentID(of: tool) : id
    }

    private func response(_ deployment: Deployment, info: [String] = [], warnings: [String] = []) -> Response {
        var response = Response(
            Envelope(field: FieldDeploymentView(deployment: deployment).json, info: info, warnings: warnings))
        response.metadata["deployment"] = .string(deployment.id)
        return response
    }

    /// What is asked for in the body and in the query.
    ///
    /// A member of the body that is `null` is read as if it were absent.
    private func options(of request: AdmittedRequest) throws -> DeploymentOptions {
        var document = try RequestDocument.optionalDocument(of: request)
        if let members = document?.objectValue?.members {
            document = .object(JSONObject(members.filter { $0.value != .null }))
        }
        let body = try DeployBody(
            document == .null ? nil : document,
            defaults: DeploymentOptions(overlap: overlap, skipUnchanged: skipsUnchanged),
            names: DeployBody.namesInTheField)
        var options = body.options
        let (forces, skips) = (try request.query.flag("force-build"), try request.query.flag("skip-unchanged"))
        options.forceBuild = forces || options.forceBuild
        if request.query["skip-unchanged"] != nil { options.skipUnchanged = skips }
        // One may stand in the query and the other in the body; a setting is overruled.
        let asksToSkip = request.query["skip-unchanged"] == nil ? document?["skip-unchanged"] == true : skips
        if options.forceBuild && asksToSkip {
            throw RequestFault.invalidOptions([OptionProblem(DeployBody.contradiction)])
        }
        options.forceRun = try request.query.flag("force-run")
        if let description = request.query["description"] {
            guard options.description == nil else {
                throw RequestFault.invalidQuery("the description stands in the body too: give it once")
            }
            options = try DeployBody(["description": .string(description)], defaults: options).options
        }
        return options
    }
}

import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOSSL

/// The server's HTTP side: reads requests, lets faults happen, writes answers.
struct APIResponder: HTTPResponder {
    /// What the real server takes as a body.
    static let bodyLimit = 3_145_728

    /// A connection, as far as a request needs it.
    struct Context: InitializableFromSource {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) { channel = source.channel }
    }

    let api: API

    func respond(to request: Request, context: Context) async throws -> Response {
        let user = request.headers[.authorization] == nil ? await certificateUser(context.channel) : nil
        let body: [UInt8]
        do {
            body = Array(buffer: try await request.body.collect(upTo: Self.bodyLimit))
        } catch is NIOTooManyBytesError {
            var response = Response(APIAnswer(.requestTooLarge(limit: Self.bodyLimit)))
            response.headers[.connection] = "close"
            return response
        }
        let exchange = Exchange(request, body: body, certificateUser: user)
        switch try await api.respond(to: exchange) {
        case .answer(let answer, let drip, let pid):
            if answer.watch != nil { await Connections.closeOnDeparture(context.channel) }
            return Response(answer, drip: drip, killing: pid.map { ($0, context.channel) })
        case .cut: await Connections.cut(context.channel)
        case .hang: await wait(for: context.channel)
        }
        // Nobody is there any more to read it.
        return Response(status: .internalServerError)
    }

    /// Waits until the client has gone.
    private func wait(for channel: any Channel) async {
        await Connections.closeOnDeparture(channel)
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func certificateUser(_ channel: any Channel) async -> String? {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get() else { return nil }
        // NIOSSL tells the common name nowhere but in its description.
        let description = certificate.description
        guard let start = description.firstRange(of: ";common_name=")?.upperBound else { return "unnamed" }
        return String(description[start...].prefix { $0 != ";" && $0 != ">" })
    }
}

extension Response {
    /// - Parameters:
    ///   - drip: After how many milliseconds each byte of the body follows the one before.
    ///   - killing: A process to kill once the answer is sent, and the connection that it is sent over.
    init(_ answer: APIAnswer, drip: Int? = nil, killing: (pid: Int32, channel: any Channel)? = nil) {
        var headers = HTTPFields()
        headers[.contentType] = answer.contentType
        headers[.cacheControl] = "no-cache, private"
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let buffer = ByteBuffer(bytes: answer.body)
        let body: ResponseBody
        if let drip {
            body = ResponseBody(contentLength: answer.body.count) { writer in
                for byte in answer.body {
                    try await writer.write(ByteBuffer(bytes: [byte]))
                    // The fault itself: an answer that comes a byte at a time.
                    try await Task.sleep(for: .milliseconds(drip))
                }
                try await writer.finish(nil)
            }
        } else if let (pid, channel) = killing {
            body = ResponseBody(contentLength: answer.body.count) { writer in
                try await writer.write(buffer)
                try await writer.finish(nil)
                // What was handed to the channel before is written by now.
                channel.eventLoop.execute { kill(pid, SIGKILL) }
            }
        } else if let watch = answer.watch {
            body = ResponseBody { writer in
                try await watch.forEachLine { try await writer.write(ByteBuffer(bytes: $0)) }
                try await writer.finish(nil)
            }
        } else {
            body = ResponseBody(byteBuffer: buffer)
        }
        self.init(status: HTTPResponse.Status(code: answer.status), headers: headers, body: body)
    }
}

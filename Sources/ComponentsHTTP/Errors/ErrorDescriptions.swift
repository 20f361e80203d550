/// What each status of an error means in this service, for the OpenAPI document.
enum ErrorDescriptions {
    /// The meaning of a status.
    static func text(of status: Int) -> String { texts[status] ?? "An error." }

    private static let texts: [Int: String] = [
        400:
            "The path, the header fields or the body cannot be read, or a `source_url` cannot be fetched; the message says why.",
        401: "No verified client certificate, or one whose subject is not that of a tool; or no valid deploy token.",
        403:
            "The certificate is another tool's; a deploy token is not enough; or a page of another site made a browser send it.",
        404: "No such path, tool, config or deployment.",
        405: "The path does not answer this method.",
        408: "The request did not come in time.",
        409:
            "Others changed the same at the same time; the key was used for another request; the tool is being deleted; or "
            + "what is stored was not written by this service, and cannot be read.",
        412: "The stored config is not one that `If-Match` and `If-None-Match` allow; nothing was stored.",
        413: "The body is larger than 256 KiB, or more than the cluster stores in one object.",
        414: "The path is too long.",
        415: "A body of this type is not read.",
        421: "The request came over a connection for another host.",
        422: "What was sent, or is stored, breaks a rule: one message for each mistake, with its path.",
        424: "The deployment did not succeed: a message for each build that did not, with its reason.",
        429: "As many requests wait already as may, of this tool or of all; or the result is not there yet: ask again.",
        500: "The gateway failed.",
        502: "The cluster refused, or answered what makes no sense; or the service did not answer the gateway.",
        503: "The cluster or the service is away or overloaded.",
        504: "The cluster, or the service, did not answer in time.",
    ]
}

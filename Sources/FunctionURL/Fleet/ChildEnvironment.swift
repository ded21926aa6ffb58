/// The environment variables of a runtime, as Lambda sets them.
///
/// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
enum ChildEnvironment {
    /// - Parameter isTerminal: whether what the runtime writes is shown on a terminal.
    static func make(
        inherited: [String: String], settings: Settings, apiAddress: String, workingDirectory: String, label: String,
        isTerminal: Bool = false
    ) -> [String: String] {
        var variables = inherited
        let own = [
            "AWS_LAMBDA_RUNTIME_API": apiAddress,
            "AWS_LAMBDA_FUNCTION_NAME": settings.functionName,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(settings.functionName)",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local/[$LATEST]\(label)",
            "AWS_LAMBDA_INITIALIZATION_TYPE": settings.isManagedInstance ? "lambda-managed-instances" : "on-demand",
            "_HANDLER": "bootstrap",
            // As the SAM CLI says that the function runs on a developer's machine.
            "AWS_SAM_LOCAL": "true",
        ]
        variables.merge(own) { _, own in own }
        let defaults = [
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_REGION": settings.region,
            "AWS_DEFAULT_REGION": settings.region,
            "LAMBDA_TASK_ROOT": workingDirectory,
        ]
        variables.merge(defaults) { inherited, _ in inherited }
        // The runtime writes into a pipe, so it can't see that itself.
        if isTerminal, inherited["TERM"] != "dumb", variables["FORCE_COLOR"] == nil { variables["FORCE_COLOR"] = "1" }
        variables["AWS_LAMBDA_MAX_CONCURRENCY"] = settings.isManagedInstance ? String(settings.concurrency) : nil
        return variables
    }
}

/// What is found out in one run. Microseconds, seconds and bytes.
struct Figures: Encodable {
    let invocations: Int
    let chunks: Int
    let seconds: Double
    /// From a chunk's leaving the upstream to its arrival at the caller.
    let latency: Distribution?
    /// From the request to the first chunk's arrival.
    let firstChunk: Distribution?
    let bytesPerSecond: Double
    /// What the harness itself used meanwhile, for both its sides.
    let harnessCPUPerChunk: Double
    /// The program's, if there is one between caller and upstream.
    let cpuPerInvocation: Double?
    let cpuPerChunk: Double?
    let residentBytes: Int?
    let peakResidentBytes: Int?
}

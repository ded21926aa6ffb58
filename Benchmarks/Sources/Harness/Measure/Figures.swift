/// The results of one run, in microseconds, seconds and bytes.
struct Figures: Encodable {
    let invocations: Int
    let chunks: Int
    let seconds: Double
    /// From sending a chunk at the upstream to its arrival at the caller.
    let latency: Distribution?
    /// From the request to the first chunk's arrival.
    let firstChunk: Distribution?
    let bytesPerSecond: Double
    /// The harness's own processor time, for both of its sides.
    let harnessCPUPerChunk: Double
    /// The program's. `nil` without a program.
    let cpuPerInvocation: Double?
    let cpuPerChunk: Double?
    let residentBytes: Int?
    let peakResidentBytes: Int?
}

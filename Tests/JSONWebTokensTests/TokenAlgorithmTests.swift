import JSONWebTokens
import Testing

@Suite struct TokenAlgorithmTests {
    @Test func onlyTheHMACAlgorithmsShareASecret() {
        #expect(TokenAlgorithm.allCases.filter(\.isSymmetric) == [.hs256, .hs384, .hs512])
    }
}

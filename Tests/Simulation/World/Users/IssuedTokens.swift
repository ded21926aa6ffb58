// Made by make_issued_tokens.py.

extension SimulatedIssuer {
    /// What identifies the issuer in its tokens.
    package static let url = "https://users.example"

    /// Whom the tokens are for.
    package static let audience = "chat"

    /// When good tokens are valid, in seconds since 1970.
    package static let validity: Range<Int64> = 1_795_200_000..<1_795_400_000

    /// The published keys.
    package static let jwks = Array(keySet.utf8)

    /// The tokens of all users, one for each.
    package static let tokens = [
        IssuedToken(
            "ada", flaw: nil,
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MjAwMDAwLCJleHAiOjE3OTU0MDAwMDAsInN1YiI6ImFkYSJ9.0Cb7aMTsjJrzzva0EUQnniEZGsIbLBfBpgs\#
            k8dlUtndVfmW63snf9a8CQ3CT0UQQLZ4CTT2iJXIjsOpx-Q7ZCg
            """#),
        IssuedToken(
            "grace", flaw: nil,
            #"""
            eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MjAwMDAwLCJleHAiOjE3OTU0MDAwMDAsInN1YiI6ImdyYWNlIn0.gBl9cO1WPkYJowJauUo1Qt7yi3UWOTYh\#
            Os-ceWyyqdBvGeefzWD7d6P0Erno8CXzUCXeIfyI2vtxfKGtiSdudjTEh9-GzLDexCfbl71m9IM7OdSg7-rhg6uFwri9yXJQh1SxmDvNWp\#
            X-p-qUe4jWM4kWgDw9dyfofMBm_tXSJbuHt3Xts26PxLpVeUo0AG0WKzuGpCgSmASoFggVMnQpnlbnCaWutK9RKj3b9bTUyaLCMJPyPPCL\#
            XWcuURn2WYxtPjmMSkqLgqR9u-rg9E7j6lW-PQz44wsDoHop7wBxQpxfAL33cQSvWV6wgS0sLMn6rtWpEclU0sOiu8CfwJeBPg
            """#),
        IssuedToken(
            "Zoë Ω", flaw: nil,
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOl\#
            sib3RoZXIiLCJjaGF0Il0sImlhdCI6MTc5NTIwMDAwMCwiZXhwIjoxNzk1NDAwMDAwLCJuYmYiOjE3OTUyMDAwMDAsInN1YiI6IlpvXHUw\#
            MGViIFx1MDNhOSJ9.j-4Zc7ghhIwx-zAZmiZ4FLyypOWLC0WoZNCwOmJOPkxGVZB1QuFK1W9B0HOq_R3PIs6ibi1PaRGDgH-5BpTF9Q
            """#),
        IssuedToken(
            "auth0|5f7c8ec7c33c6c004bbafe82", flaw: nil,
            #"""
            eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MjAwMDAwLCJleHAiOjE3OTU0MDAwMDAsInN1YiI6ImF1dGgwfDVmN2M4ZWM3YzMzYzZjMDA0YmJhZmU4MiJ9\#
            .gphSagKE7yEtPnTYirtSp1oVN_mqgf8BOmXVP6Bp2e_QpPhq1KDKFcUG_twUrUcGJC4D0-tlPl8rXkrpp05so9yKB-3MKXsc8DIEkIGPA\#
            u0Ab8ps54kU6X1kXwM36TEge_7tMKRn7Vd5c9pkl34ZfV-s37hgBQzTgk8cr2DKwBYAt2SBndm5scB-D11q88VHU91K7lOyiA1d--Wlcti\#
            2zXfi60yyiTqOb2yOfKh5_kHNX8_-eSBzVHDkEJgiNtM5z2OLv3lOjR6750DQJhJjj6Ha5yjFMwyCmoxeK2EO-VJn_M-7gozloa89CkY8n\#
            _YBmk-GxnieHmteIloqPqZ_0w
            """#),
        IssuedToken(
            "late", flaw: "it has expired",
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MTkyODAwLCJleHAiOjE3OTUxOTY0MDAsInN1YiI6ImxhdGUifQ.AZbMumbsTZGWw_yi3YRg5313SyQCd3-6M\#
            hbXRLjCzyZ_ZaP2q53FptVp3T9kvCwsOHCfZBT9ANaTxl8LPzoVUg
            """#),
        IssuedToken(
            "early", flaw: "it isn't valid yet",
            #"""
            eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1NDAzNjAwLCJleHAiOjE3OTU0MDcyMDAsInN1YiI6ImVhcmx5In0.MZkVUL6h9m4aFjdNoO4Gw0hAzFPPm5-D\#
            NDOeVnq_8D0JJY2Hu8YMxQ0HcaUG_A-371ssdSKI_0XRtC7aeGNmBJ1c87Brq4LlwSySMaVYROTYCLC6MRQEe8u8TvIWx65G4cr1AXaNQX\#
            4bfV74BkjvXV0S4JEN5-6g9_WcPCbo_WwhmX1nlUsO66TmRq6dWw_0AyonYK913It_Vy-SLkp-rNG-3SlAlozfvfi5TRz-rSEIXpfMqrYy\#
            ebE3Qp2oPxYyumsjLdxHuaSNeaFZwK8h6i6kI0Plut8Hes26ubx_NkO8Wyrf7Idme9uXgyzxjfu-TDymStQXjV-Hip3qjjAqDA
            """#),
        IssuedToken(
            "stranger", flaw: "another issuer",
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MjAwMDAwLCJleHAiOjE3OTU0MDAwMDAsInN1YiI6InN0cmFuZ2VyIn0.A0MWCLHylttXJCiFRImZHbr9bJZa\#
            k1DQjFL-UnO4CS7Thjx0UJMEK60RxmL1BcIth55zwXR00AMZA3wjm7AWVg
            """#),
        IssuedToken(
            "guest", flaw: "another audience",
            #"""
            eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JvdGhlciIsImlhdCI6MTc5NTIwMDAwMCwiZXhwIjoxNzk1NDAwMDAwLCJzdWIiOiJndWVzdCJ9.GkMalScQmhOZ5A1HQ9we-9uRxYc4HGS\#
            WvQityqt-mdZ0MZWfyMrklIo5NpnLf0O64yjinr34XdBoU-tiUwsxL0JOq8xvcQsC_t781OipcuwUrWOq-rKslNcmK2vsrVpe1psI9tLol\#
            w1eSynM5ofNPsXe6jNcy2aZGCgTJuOR-ZbbDJlRRM8XJlcTy7gdCEHg0CJVlIZt1J4CcV-OCg4QSo6cU4H3501TTcbXusurWK7YVETlVEl\#
            mNaAnSJwJ_PqQXm0BKFaW2PRQIi4XsI6AoDDMOi9DJ-gzhqEQ_n8drCWTAB8ZiRQXwlmIr1hghbT5y8L3_nFejs5Ldj8LToFNaA
            """#),
        IssuedToken(
            "forger", flaw: "a signature by another key",
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MjAwMDAwLCJleHAiOjE3OTU0MDAwMDAsInN1YiI6ImZvcmdlciJ9.b4ed8E-UhR0gQ_kvPpNO4b4JosgM3IA\#
            OrOA2xbR1B-n7itqbf5hOXnx3_XdKA8ZXIH7SjWOXvD0X8EZ49siQRg
            """#),
        IssuedToken(
            "unknown", flaw: "a key that isn't published",
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6Im90aGVyIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL3VzZXJzLmV4YW1wbGUiLCJhdWQiOi\#
            JjaGF0IiwiaWF0IjoxNzk1MjAwMDAwLCJleHAiOjE3OTU0MDAwMDAsInN1YiI6InVua25vd24ifQ.fA-ue-jRFVeFPvsDL9UHHdewHId4Z\#
            V6X3Z7ymnCw6ahaIlhZjiEIP4_XrXFTEjX_CsL9qPfcZk6INcD2GtKg6g
            """#),
    ]

    private static let keySet = #"""
        {"keys":[{"kty":"EC","crv":"P-256","x":"v3tlGPPQaCwiFGs_q_VJ9EWGrLb6oeTsetTYGtL0bz8","y":"fFp33CsLwERm8dFD\#
        gVrr0cMzEU9psVQCFWIM4K9wgNs","kid":"ES256","alg":"ES256","use":"sig"},{"kty":"RSA","n":"hQlbfIFQHBu4qoUlZ_\#
        nKAzbehkn0wxuldm4cDhEQUR8aKK4f-dsQIB322SVdYbxFTlpeDyeaN7YjxtzMrXekhDsWznhl0Uh9dosCjEmV7OXhZQnFPfbzS-jFysVK\#
        GG5PRqaCXvd8Ui6RKibnCHa6WJVWOJBaj2_1WNnZvK7EaeF6YMse-edxqnpIfL7ZBSX3hA3WV3fPWL6Piw3BoGk8vxDPmbbIfHcikftOhl\#
        2WfDu2pWt-CVjpD96t9b0v6MwWfpzmxw9oDal9-etFwHVyxiuaRRzeU1V6A2COS0fNVH0k8LYx9MROmAkZ9DNpq8Q6uz3OSCV8RyA4BrUj\#
        5xuH2w","e":"AQAB","kid":"RS256","alg":"RS256","use":"sig"}]}
        """#
}

// Made by make_token_vectors.py.

@testable import JSONWebTokens

extension TokenVector {
    /// The public keys, and two that must not be used.
    static let keySet = #"""
        {"keys":[{"kty":"RSA","n":"qiF2Y3-EDiAFpwQGHQtbVT0ALY3WvcanDSjRRD2v0cr-WxJQvqMEcBeO3yGnXUZviUf-sMnS5WLZYFA\#
        e0yJAgsvvSU6tD7y0q0LRc3a93IqvMertOo5gMPpFl6wYsvCeu2OLs7Yr6VNjPp-C8X6Dv3nPsC6uqjxAmA728f69Gsr2FYuaUwTvgCGk0\#
        3OvyKbftCfTYuVVPB0wOckwkQlemMh0FtdgzdQ8xa7nPXcRmuAS2llYiOR_X8QU9-wSOTo9yR6Ol9WxSgRv1ueZ4iDGVSJ5g-3Q25eXVoK\#
        F1agyQW6OGCjprEk8BiOIvl_ycNkfp61Q7H1356CsyJtkb1Phzw","e":"AQAB","kid":"rsa-2048"},{"kty":"RSA","n":"nvycEg\#
        ewjTITx3vGtSmkH9duyXWeNoQJJRx6DFVvFwkVZ_awkFRgJFvXmHPnFf_ukj2zjc16r4_BjUO31PeNvFZUZjAPG-miv9-R7XjL7McpzQM4\#
        Negl8Ur31DV2hEI_9tO7g8R3EobSAQh_5CfY7BLAvzyHK2pDrWMyKcBVu9qVs-rtZxJYDVi3flobcSAwMSfdxsBTuV1cZtQiXQdPxfu9L6\#
        4BHfhCzYXZxSllGZomwGPMx_VOIjk1KT1W0qEKnmVvwutadXUC_kDNkRmqu5lkKsCixxoIcScdvH-ey1evQn2Moep6QvaFBc9MyNKKiuG0\#
        BPZ-ctRWhzjDfuHSHYa6JvVnV9makORCKJZ7ouZP02nW6-bcQ-Ac4vR6kpUcubfHU4cs6s5r_PMgnk5TkusUJ44Pv7pJ4crhBLofZeB2YG\#
        SQ3jSvpcYTvSdz_2Pvon6r3kQs5wam-6vNa8Jd25S32VFQ8UgB1yGafBvfz20fTFJibMzeL4Am9A8dhDNn","e":"AQAB","kid":"rsa-\#
        3072"},{"kty":"EC","crv":"P-256","x":"Gr5NIr9hV8PfjJ171_rJJz4pwykf2ZQxWRUX8RNq2n4","y":"z01u7xtkRdpju-1giD\#
        KzWzVHErrVQll3p5pPvUPEY-8","kid":"secp256r1"},{"kty":"EC","crv":"P-384","x":"I6RYAI8ybeqfgNVtHzt7e6JUqdzw7\#
        tpBdGW6z5hYdnXTyg2pcY75zIzzHMAtgMXW","y":"vpMVoc46psWEOxkTAK3EPICzhus7hG42s7NoHytVsVfKtHXo43WrC8uZqBj_N0Km\#
        ","kid":"secp384r1"},{"kty":"EC","crv":"P-521","x":"APil-iVqtHckTUNzMP2TLWB77Dr-OtTzjNuguV6VrjRSGMj6Px38Tu\#
        VGzoUFtCPVx3WFUIPqnJrZXTwb_QvZnVw_","y":"AFL2xCGkoNNO3pmJG6utqkkpDEXv4IKyRzajOx3Nh_wtLubnNvV2T6VaygbH_s-oi\#
        HY-DA26esc06QJwZtk8LelX","kid":"secp521r1"},{"x":"ME7taXtCjn8KBv0xm9xUSU3NA8BnL8ELGDcNKWQgEng","kty":"OKP"\#
        ,"crv":"Ed25519","kid":"ed25519"},{"kty":"RSA","n":"hTt9SmlxpraVYQZmrB2oDMloP2hfQbOPl30_l4ig_hEhRtNgfxGUg9\#
        yUOecxGDGGZSf8L0sT-nR2Ht5FkAuYsho-D57LFKkQ0TtGZNTe74AXerVRHXjv045CBc8WFpZ09USmPJ-HVJ-GgwSQeHjzoq7_RIki1cdj\#
        tJpqnzvSMiAQWiF6hT6yCjxy0LrfPtkanxAKpIQ9H2GSFiWs-VETt0u41UFWLG1MrbtGdCcEgD0vRiiO5tTse6n09nQDwjqiON-rGDu95b\#
        NuvkHjG66O7KgmWpf1bahoJIPQR0Fnal6d-CnMJR-_y8-j37siTL5FvZ4iEszYFUcDOo8JSbt0lw","e":"AQ","kid":"exponent-1"}\#
        ,{"kty":"RSA","n":"vRb-2TkoChn3fDXqqgFPTW0sn6HEXE--oNs91DeBVfW8KQTFoxy0nvmRmpFpCzEdjOdleueKWJgPQhuCa2vs7df\#
        viiY6B2asp_CVWh_4IffNLw1mF-XmMbeAUFEG0vxpjsqGqwu0FatxxVtJOf_Kje_50lkUwuVIhHGscI_z3x8","e":"AQAB","kid":"rs\#
        a-1024"}]}
        """#

    /// The secret, in hexadecimal digits.
    static let secret = #"""
        ef7bca72bde93bdcb97c2b36d669dc304c010fb7b5f2d48039282b4aa4ba0b464f12ce756fb1edad01f0e1208d309464ec66207847\#
        ab67574959c94b1c2cdd87
        """#

    static let all = [
        TokenVector(
            "PyJWT", .es256,
            #"""
            eyJhbGciOiJFUzI1NiIsImtpZCI6InNlY3AyNTZyMSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic\#
            3ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.juGTAvKgqvTO\#
            3L7EM1MjaC1BgK13QnIvUsFw6XKtnRLREo73EQTYG5tJhp_9m9mKe9P42rpjxzSplOEAm8k9-g
            """#),
        TokenVector(
            "joserfc", .es256,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiIsImtpZCI6InNlY3AyNTZyMSJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic\#
            3ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.LEzY4ZRSieOA\#
            NoU1S2UMtCKsT_eddrOCs2depARiqYFVUsCSctmnkfhI7zbb91X4cjrOErZ9ZKQPrGQJJHBGTw
            """#),
        TokenVector(
            "PyJWT", .es384,
            #"""
            eyJhbGciOiJFUzM4NCIsImtpZCI6InNlY3AzODRyMSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic\#
            3ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.9rHTl-iKHV2i\#
            ApQ9U8JqebsPjlpIg-n6Hf-CRWOLDuFZoJWrI0hiD7YS_0Hfu12rQwKrB2gkf2ITzDLPdiE-UQkdP1vvJ4W8MLGELoL0TBKAOFpCmGczWK\#
            aAbYJikhEb
            """#),
        TokenVector(
            "joserfc", .es384,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzM4NCIsImtpZCI6InNlY3AzODRyMSJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic\#
            3ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.w0B6i35vSvRw\#
            oX4ImU9Ga885jBLf8td2dA7B1YO7nK3B-5kiwGnz0ZCRgKrnibkcHC7nr8yY190J7dOZsYgpsDyyg2yRHpd454TQZk55MTZNDGmReQoIVs\#
            aLYVk4qNLo
            """#),
        TokenVector(
            "PyJWT", .es512,
            #"""
            eyJhbGciOiJFUzUxMiIsImtpZCI6InNlY3A1MjFyMSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic\#
            3ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.AL2mDZwZGAIq\#
            BXEizrx1woQMN6jIoeKSQMm9uIBSmfljhaB1uFQy-9kbJQuaa1S28xGuraFMW1KO4cPnaDFkrKvEAcBooXVP1wHkHMGNkpig4HC8hw818J\#
            g8Z_8Mr8-KHt3wGCrPTSomU372Wr7rI06EXvMPFH4l-DoM-BtlL8xuyBwi
            """#),
        TokenVector(
            "joserfc", .es512,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzUxMiIsImtpZCI6InNlY3A1MjFyMSJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic\#
            3ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.AD_-QO_zn35u\#
            IQUvVkwq4XCOw4P_it9PkX229Pk61ftC3dyzKCkSyI-Jx3Yl3hBVHCgpD_L88toxJFgp3x0POx-hAahCo9oGnXwnv060fqoT9N6gAtTHXC\#
            eOMmehD_puKP5GFmfRG1XagogOmCdVTb8JYb34SwsI_zlroYoqR6AOY1f3
            """#),
        TokenVector(
            "PyJWT", .edDSA,
            #"""
            eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3V\#
            iIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.2RgoBbNVSGH2EE\#
            jH7KJ-M2_Qjq0f6firkNKfauT2J_PwNLBYkniI8I5R4hDc_bO13917i7yjYLT7z3ZVgMcNDQ
            """#),
        TokenVector(
            "joserfc", .edDSA,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3V\#
            iIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.ZaY2ErY3rjcHrs\#
            jLdymcy0cTBcLsegPrl41dj39uuOrsnNGClWep8N3GqNk8-oeAVADLOkhd-Kxp8O6zQQcFCw
            """#),
        TokenVector(
            "PyJWT", .hs256,
            #"""
            eyJhbGciOiJIUzI1NiIsImtpZCI6InNlY3JldCIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViI\#
            joidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.UPb5Zy4btKVOPtB7\#
            R0vveeoa_4XhEPh9fCrfs9_y4z8
            """#),
        TokenVector(
            "joserfc", .hs256,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6InNlY3JldCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViI\#
            joidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.Gt0Ze7DfEfYFaZ9x\#
            5du7S6n8jcJkhcPFZpZaaWKA1Mg
            """#),
        TokenVector(
            "PyJWT", .hs384,
            #"""
            eyJhbGciOiJIUzM4NCIsImtpZCI6InNlY3JldCIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViI\#
            joidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.4gYTfCi3gz40rVpz\#
            QxAB3_Jr_S5N9dAKM7tWZwaWGfQQOf6qt7Lpex59dxw_mVZD
            """#),
        TokenVector(
            "joserfc", .hs384,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzM4NCIsImtpZCI6InNlY3JldCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViI\#
            joidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.rrT0_PV54ra3uMmN\#
            oo0GdDWgcwC-i-91AzQ_w2616JDzgUqxyFRmDGocgNpnKCp8
            """#),
        TokenVector(
            "PyJWT", .hs512,
            #"""
            eyJhbGciOiJIUzUxMiIsImtpZCI6InNlY3JldCIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViI\#
            joidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.USv8kstgqNRilj4b\#
            tZrvI150auNpMO4LfanuSw3aje9XWuuxIV3ehFul3-4-zVb8lbNoz3yTvEcrWQKW0iH84Q
            """#),
        TokenVector(
            "joserfc", .hs512,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiIsImtpZCI6InNlY3JldCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViI\#
            joidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.PdxYTmNRTv2G2H9U\#
            RXKm5HF2cY7wZ2wjYm4x5411RnLOcOvX79MwnxuEhdjKUAaLol4NPvecPLjYcU26a2rw_g
            """#),
        TokenVector(
            "PyJWT", .ps256,
            #"""
            eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYS0zMDcyIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.OrWKHpfsu_yAL\#
            8DoK4vhbr5DMhfqCB7TY_pDJPzlGqbxhwNYjYtw5mhel6W2Y3NVm4rrdrNvNds0r9XPMNwL5ziBfrb38c2b6IiOHF7JPtxZnS21zCI5zLd\#
            CVNMFd3fmIPJkF4Bd_nexI4s5VuNhPmANoE1fOsgoLTAiPYrNqTK2DDFN-hFK9CJYfZBrK4mIfoBBXOETbCSnbZpr-l5KgvfhkbTMRidLn\#
            6DXlvUudiEfUGf9ijSi5y38HuVLmwIyJQhuYRJ00bgMvBnUTrl1Tky13Ewb-a8owlRW4oSVWDmjS0KZPlSnU0UQXNUFHHKy6SmLLNd6s40\#
            nmojyNXs5woK192Hzth_Zx_7c-JoDVKEOcH7p583fl932theMX4SPmqvXh5pksr1QHmna6B7ae-AyTIAQYfck_sCZKIrAdkNLWxaPAoacF\#
            hQVHDIiWjd0Jh3o2bODuTsE9rgRYBqE1ZmLzU3vM_yijY87hq4-VtO-pWwdnipR-x3fVpQxNs7W
            """#),
        TokenVector(
            "joserfc", .ps256,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzI1NiIsImtpZCI6InJzYS0zMDcyIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.XDLoZ5hu9vnMy\#
            kQxKE_5j607EN1LyZ_guBRyWzdYvHvJYDyl2PeOm_O_P9CMKhDrnLWsJp9xuOI297ZWYP1clf0cXwsZyHcle0XXYir1r_47VMNo7sF4kxF\#
            K9JOek4guxGJH1ROuJwq1mamJPzQhObB0w8nK4rx0mnE-J0ZFteP7bpyqy39E25ixorPB0RG6Cu71b8SEbD6TvRDJTT-a3EyMfMudk__Em\#
            UP9_iHl9A74IfnjrV7tizU9v8nFXa8Gi0Y0n6jxC29kJ4vsMVLKTJleJeOZVEq3_dtaZTork3ZfOyERR4Lxqe6m_Iwd_Rsgc4d9gSkvdDl\#
            4dGEoCApyezoZFeQpix52MgvFmjDmAeT6eMJf5aflUwOgjCoVL08vl4oH3ZX-5uuhYJTtb3JLhN_xg-0Bs4m7SthsyUNByYCfGSkmxu1-0\#
            RrS50CSkAFVK2vgGEeoHOP1t35BpnL_5hkDZrN992Qn601NNKntERU9cMbQd4i40cUWH4LBzwZp
            """#),
        TokenVector(
            "PyJWT", .ps384,
            #"""
            eyJhbGciOiJQUzM4NCIsImtpZCI6InJzYS0zMDcyIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.LgUCYOX9OsaoJ\#
            gDwbP4krLL8DXJfRC4HfxO7ZJED3PFTV8kJJKqPAbVdgXfnl8buR227EKLy_NmZ3frwj5T1GZhV6fKSr_4qkcRcY1t3AlasUWyuoj-jSNb\#
            BCayJ_Sr1MKaLGFQPED9IFQzzkeqQye8oduFX1888Ns9AsaU7cOlbA8TNr6n4X6VNSW1LuDKSSu1NjHT_IVxnu34MpgUnMryH7KPbfdX9e\#
            jnh7IJMX0mS4rpWewlFy_j9ef_y63dGKZ5_4dlTQ2bEm3G8k5z6I1EmU14bvqisi-obpJbzs6Bc4TwExHciMCcH9GEz7eolzoJb1TJ_B6x\#
            aWV9kJ07NpqKOm8ZeUIdQvTCYeM-dutPv_mdwBiFW9WqNuVcOAZNd0nN4gIKQZj3D3jc9XhElCTIDGSjHe9lj3KJZGk4uGf9uyHrTFJU3q\#
            FrVHF92ueV3nxqYjBG53yPKVp3E_bKW_Ht0fkyejRcwQyp9lEBNbm6L-PmtKyKcpMfg-f6ly_EV
            """#),
        TokenVector(
            "joserfc", .ps384,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzM4NCIsImtpZCI6InJzYS0zMDcyIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.nYNqqphTrRl46\#
            P5GaDi-wfZpgLEwglJgMZsUMRQ9g4DygxYbDcvZXcxfmT-GcB4uE6KfBdXMipumPd7AWKZ7N7x1vCkVneUNqe1LjqJqXCiItBSTFVOVH9c\#
            VN4Guww1cCWFJI0HwKiNHWUeJqXyPiP2h4IVN2GeZowELj3lwTXzsu8k1wQ7ETu3lsA78z8sggZ0aIQmDpC-y1K4l3LqDfxCfxNWcNLicX\#
            UVGB2qLXEaKHQc9GUAG79MvdraHOJid29YJ7Q1on0ZOp__ZvZQgoReLgDt0QfOlF6ow5zf7wadxogt-hqDGGzEqNAmjHaWH_Z8Y9O4oZ39\#
            yUTSzoypNKpssXanaftTkzBW8sMg_mbOywPtChDgdxjt9PAaEzv-P2AG8F_jTHzwljo4ANbO_cnzy3O9P22PwHL-QQoL4cMFkuhQgLQpxS\#
            tUMYmaW0DFlZfw3jqa2gs3jC669AOfJz76dgeDsEoOyXPrB0syVIhA-NsGdn0iPdoxzSq0q7CCO
            """#),
        TokenVector(
            "PyJWT", .ps512,
            #"""
            eyJhbGciOiJQUzUxMiIsImtpZCI6InJzYS0zMDcyIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.QbkkrNgDnssCa\#
            W0UFoCvQ-cZI4_3V1CcwQRoM3JECQ6s95GMNTOmLizLyJmvE9XuGbBuWTHhwU4SP7bCo2ZGYHxZWAJq_3Q8EIwbvH7HF3unP-y6y4VKFnE\#
            UAU67XXEvb0PrQMzfmuslhhUhFLqaQXH7m3hn5JJr6ISreQt8TZtz7oGCUE_dDGdrJIbCmfIinBNq7t6c5TDhcpC4W6NU402bT4HordLtk\#
            6fBx1FX5_OhW46O41dd51qRXPTm13VyNnn4sZfddMF-yZPHg9rcELWjaIRKuuDu_mopxKrPyRLE2JN3MoYuzwbjQAqPAASPbPaJGCJO9bs\#
            aXNrKSn4NlqFr_cfWUQTG39fQMPXWgubi64m6z-jBd2tTbeL1tOH7taKtCTDt4zAL8ZNxA-NHH3faU7zYjbDT1SQc68WUk_EFZvSCCmQ6q\#
            zU0I1SwgI647XaJ7WXHVDNPIrotVWLSjmHg1HWs42hL862xBUOAk-VsS_gshJmEhOy3B8_vcNZL
            """#),
        TokenVector(
            "joserfc", .ps512,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzUxMiIsImtpZCI6InJzYS0zMDcyIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.YIJJphs9-MSQq\#
            KKtbhuyy6Yy4n-QatSgf51OWONwVrXoIhbT1vkBZeAortr9O-D9X3ANq5t-Lxcz2VBwPcVixgARXcDuDVwRzXYOHWkGEC6n2ELHczBdjBN\#
            U60je_SAwN-sxQBMUrrKB9NRHSO8XM94ZxRtD7wul71u4bcW3eIf-VsRozby8SI8dKcWKpJESuY87cqNt_R8X2F_P9QHIsfhMpNHkkSnd7\#
            fYVQSsXbbrkYd6Lxqq908Jfy8g0zB2qtEa1TyDEhUWz-K07Ujg4o_1SArLiVR38-AYoC5f-bStiPW2UTY4gtu4PlYB5rt9sehcJG-wvcUy\#
            NnNAIjQR8BjQ4eJCQ0bMtOgtwnjVAe5Tp0lIN4FcsekiV2c8qupzcizOHNMtNMn84Aj8CruLgMzPRGvz8_FQN88tk4nGKcLUG10gfloiC_\#
            k1ELrKuwOWFNmIZb4sATettb6E1p1bu2vBvUhHv66hpB-vOAS9NlEIQAoQKvqzdLLyjQLuH19Zm
            """#),
        TokenVector(
            "PyJWT", .rs256,
            #"""
            eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0yMDQ4IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.RJ97WHXwp7YRS\#
            6JYZGUSJjooukDJxJm-rHRTYAPjrCAg4pqlACUAEXmG5OO9nXeXzHd0JAEo-af0f9riVOsnLMJIjb-ccfEMME1QD-GCqvv73lt13My_aqi\#
            m7IUnsEY-jplZkN8GhZz_mBMBSZm7okjcc_fk1Pi5V8kuevRO9eMScu_Al2paZnqnu_86YCVckWRANpkFpZue4vXUZ2zGKYZ74vd5mfSCI\#
            xIDv5JE1PNRwlT72vrPZ7aVE_ajqA5lm69Zv26MfUy3JE40FJWdpk6WqUZ3VqRB56ynDaUC-qp7wjq_LAFOcNW5DmX1NQBiOQKj5jTK78c\#
            BakPLAMhJdg
            """#),
        TokenVector(
            "joserfc", .rs256,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0yMDQ4In0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.ixDqP_bgJHs9t\#
            HAlMJx-ogrqtPUKHCiKXiB_0zJMxDNwR1M34r7liLay3mkcZJnfP0cnj5U6LJ-pK9YO94-VCEYY6B0BdRHGLV-MaVU4Cm48_el_m1zANpI\#
            IviUvXw7ME37SDJ5ztpa1Umo8R1pWIIRSOxcexpzxIvym8TocwBQ51NWSHJu17mUO-2guzitQfKxiGN6TnLZY9YurvKcFy63IBNRoMH2rw\#
            5PtlHjYbf5QNeeJ0chGMhXU5RSB4O36tkx00UFY056DA-jkLttIK-XkixU-WojrtLKU1zAOKSXn3lAIhRhmkpKWZsPVoeG31q4Si78m8xL\#
            QATrRSlyeQA
            """#),
        TokenVector(
            "PyJWT", .rs384,
            #"""
            eyJhbGciOiJSUzM4NCIsImtpZCI6InJzYS0yMDQ4IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.lwFM1JxXq8CCI\#
            OMCIVDfDnQUwegN51nrmhTQFo04BDbZyNVbusar9ugeeHiCURgdUuiKDorqI-o70HivWNXGOMwQU0AumbR7w5Otufh51ildR59fDFVLZvH\#
            ee8cNnHUSeHTObjG12B-j5LKCxZznbr79XfwoEcjAlEDF_-u3wibgD4iF07Cc5CncvfoPKTfRBmdgqUX56UJlLk8VllkzI_uAsdVYTXYmO\#
            KH1vgOhkwG7zI77tfG9_Vl-5xuBYQZO9ssBpDXK1eSjufjk8GN5Z7C3nuCPoQzBjMdNHpR_v4KtbrIu7Y1WlJtXIhyByKgzMSCEDOWdj-9\#
            1q0wAmczYZQ
            """#),
        TokenVector(
            "joserfc", .rs384,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzM4NCIsImtpZCI6InJzYS0yMDQ4In0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.Abno4c840zKVj\#
            E-lQDKKTc8e0p6_YXw-xY1FYZ1KHCZt0atxbp_rpVQxPZy0k9ekASbWF5luRNNW1HXf-43-RCYkE8u3XNFUicQMkI1RbddJ-AigOmaP9BI\#
            xNosxMRR5HHYOPTFHKWYzRa2wa0rRPhzq-ltGP7_sONYf7Lng8GJVjqiT5UvBkC5aV-eLPfbAMFRf2E-XF1DL3pbwD6fPqBlm9ZTkPs_-v\#
            786xIC0J8D_biUzE3BWgIMykv-ykO3oCeHHBEyCNpZXTNP_AZ9_fKG0EeQnVVHBsiWZQXhfLEox-c0lb89am0GCfYtZefTmw7kmiTUfqQk\#
            QbUVAg-Y0jw
            """#),
        TokenVector(
            "PyJWT", .rs512,
            #"""
            eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYS0yMDQ4IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.Cu60za8PpGC8X\#
            m7ABTJ4lQ0JPrzxkfieU4iDMugj55YK4ZYgPP_eWlXiuhrdzMIvxi0PaDPZ1wUw6Pp3OxHTevR7Q7jTcrQW674PVcA-P8WUxLcKfLJvvVr\#
            -AyA-unPvuaiuqedtLylOoixH3q41QYSaIfpnynDCBGauHyZb-TvwKtRltPJE1bHFvuarbq-MA1bp56_9s7eOBL1z4-TNUqkq-CUgl3zcG\#
            YGcwuFPvAE86SBk01oCC6iBBNslAJuxv7jY8dFOQMdB593ubAiCUGWlbY9jAzJmCpfWb9C76QsJ8Oo3t38amLqW4wfdMXfQey__3W3QauJ\#
            Komx3UXsykQ
            """#),
        TokenVector(
            "joserfc", .rs512,
            #"""
            eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiIsImtpZCI6InJzYS0yMDQ4In0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
            ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.KzhLJ7Y3vg336\#
            nmuiB4yfhYhrTe4zKmJPkZIULOMZwjgoa8gMiYXfXWa4tglP30mltaPpTLUHVPDq55hPqhnhfF_SrBuiF2BoBaCKXXgfIYqFVbi27XuuV9\#
            eQtiRFvKBjF-0W1do9G52OmO4QfuUeXcUoh5ZW4yvB9u-PPEseGzLJsvPwhWxiEvU2_9nccmYBc1yGbW8XxH3lNItFBQ3eNPfgG7sPgBdk\#
            wDbi9F27PBn4B37uBHmj5vWKVguRwEw2AcUfKz3KzIIrdRWKnGajXGkB3fwp26IfPOcdK_w7k7LRg8F1oQaZcotQYOeQjplow0YM2Mce2s\#
            pldEoqYfO3g
            """#),
    ]

    /// Tokens that must be refused, by what is wrong with them.
    static let refused = [
        "a salt of another length": #"""
        eyJhbGciOiAiUFMyNTYiLCAia2lkIjogInJzYS0zMDcyIn0.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSIsICJzdWIiOiAidX\#
        Nlci0xIiwgImF1ZCI6IFsiYXBpIiwgIm90aGVyIl0sICJpYXQiOiAxNzY3MjI1NjAwLCAiZXhwIjogMTc2NzIyOTIwMH0.lY_BYS81dp6o\#
        _qQbKUy9mj46STWrSs9N8Isvj4nY9w3UMf8SKyTcotjJG-18N0zivldVKjEkA6ZvHhTYzLBMSArWgA0X0OePRjCZ4tj3wJzHY3Vd69Y2PG\#
        N17jCZWTo9FkK1LSkr_sYyEFs0phpa4bBcbvqlXgx-nJSjSjzwuZSOrrvT4SG1MwRCGUk4LuxJ4RVOeODyB-e8AKDMMuqOV8jkNhQnamyM\#
        Ky561uasaE3pC4x0FYy7bKqPs-TaMIRdt2x398TaI-jWafB0niprVY85bQwZBxdLaL38sjdHsKCZRTHkfVuoE6nZOrtuhfluzyFr0SBaRk\#
        XBk1dp-EO44ujYx6fwN5XudVg7GjQ4umgGxFhLE_YiZLl2DvobAUuDUBFkLX6wqMbO-FBdrlhVexQL2QNUgysjF0g52FlvbleyWeymLbbV\#
        ayzTqtsz_5RsyJUDPI02dwUm5ht2QUQ5gYlCHUaOTQ1EGf_YiDxeddb6OyOQAwZwheHGsOV5jqV6
        """#,
        "a signature in DER": #"""
        eyJhbGciOiAiRVMyNTYiLCAia2lkIjogInNlY3AyNTZyMSJ9.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSIsICJzdWIiOiAid\#
        XNlci0xIiwgImF1ZCI6IFsiYXBpIiwgIm90aGVyIl0sICJpYXQiOiAxNzY3MjI1NjAwLCAiZXhwIjogMTc2NzIyOTIwMH0.MEQCIBesQOT\#
        pfYPzygrcrhx_NUGzxcKAqx9S7AM0_AWpnM-SAiARlD6Y5F0QmLX2-KIIyn4vRhfeOBwFoD_dJvlvY1ZyvQ
        """#,
        "its own padded digest as the signature": #"""
        eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImV4cG9uZW50LTEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSIsICJzdWIiOiA\#
        idXNlci0xIiwgImF1ZCI6IFsiYXBpIiwgIm90aGVyIl0sICJpYXQiOiAxNzY3MjI1NjAwLCAiZXhwIjogMTc2NzIyOTIwMH0.AAH______\#
        __________________________________________________________________________________________________________\#
        __________________________________________________________________________________________________________\#
        ___________________________________________________ADAxMA0GCWCGSAFlAwQCAQUABCDdCpX5iabfUZNGwqVT357UzMx_PYZ\#
        KpOelBdDpQBG8tQ
        """#,
        "a key of 1024 bits": #"""
        eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0xMDI0IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3\#
        ViIjoidXNlci0xIiwiYXVkIjpbImFwaSIsIm90aGVyIl0sImlhdCI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwfQ.FOmLPOCtKHKf1\#
        7ChxdVuxYMOrdkocFcoZ1Eu-0VFjqTtE5sQF8hnwsMXdZLkRPfWuWFIPrzXuYSlxiic61I4bTyMBH3VwPPatOrTdLW9kQxpMcMD4mdXNas\#
        xIi9TBWX8_uqd2qnAVwhKZcEzN3ry9a0FMBItOuXGq71wFn3i1qc
        """#,
    ]
}

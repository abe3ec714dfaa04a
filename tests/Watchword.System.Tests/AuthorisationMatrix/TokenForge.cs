using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>
/// Wrong tokens, each made of a real one by one change, and signed where that matters by the IdM server's own key: the servers
/// fetch its public half from the running IdM server and verify.
/// </summary>
internal sealed class TokenForge(SigningCredentials signing, IssuedTokens issued)
{
    private const string OtherIssuer = "https://idm.elsewhere.example";

    /// <summary>The token of a cell; null for none.</summary>
    public string? Make(Credential kind, McResource resource, McService service)
    {
        string right = issued.Access[resource];
        Parts parts = Parts.Of(right);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return kind switch
        {
            Credential.Right or Credential.OtherUser or Credential.StrangerPeer => right,
            Credential.WithinLeeway => Sign(parts.With("exp", now - CredentialText.WithinLeewaySeconds)),
            Credential.Malformed => "nonsense",
            Credential.Expired => Sign(parts.With("exp", now - CredentialText.BeyondLeewaySeconds)),
            Credential.NotYetValid => Sign(parts.With("nbf", now + 300)),
            Credential.IssuedInFuture => Sign(parts.With("iat", now + 300)),
            Credential.OtherIssuer => SignByOther(parts.With("iss", OtherIssuer).WithHead("kid", "k1")),
            Credential.UnknownKey => SignByOther(parts.WithHead("kid", "k1")),
            Credential.OtherSignature => SignByOther(parts),
            Credential.ChangedClaims => parts.With(McClaims.For(service), "sip:chief@lab.example").Content
                + right[right.LastIndexOf('.')..],
            Credential.NotSigned => parts.WithHead("alg", "none").Content + ".",
            Credential.PublicKeyAsSecret => SignWithPublicKey(parts.WithHead("alg", "HS256")),
            Credential.OtherAudience => Sign(parts.With("aud", AudienceOf(issued.Access[Other(resource)]))),
            Credential.NoAudience => Sign(parts.With("aud", null)),
            Credential.TokenForOther => issued.Access[Other(resource)],
            Credential.McxScopesOnly => WithScopesOf(parts, McResource.Service),
            Credential.KeyScopesOnly => WithScopesOf(parts, McResource.KeyManagement),
            Credential.ConfigurationScopesOnly => WithScopesOf(parts, McResource.ConfigurationManagement),
            Credential.GroupScopesOnly => WithScopesOf(parts, McResource.GroupManagement),
            Credential.OtherMcService => Sign(parts.With("scope", McScopes.For(OtherService(service), resource))),
            Credential.NoServiceId => Sign(WithoutServiceIds(parts)),
            Credential.NetworkEntity => Sign(WithoutServiceIds(parts).With(McClaims.EntityUri, MatrixLab.Entity)),
            Credential.OtherDomain => Sign(parts.With(McClaims.For(service), "sip:dispatcher.ptt@elsewhere.example")),
            Credential.IdToken => issued.IdToken,
            Credential.RefreshToken => issued.RefreshToken,
            Credential.SecurityToken => issued.SecurityToken,
            _ => null,
        };
    }

    /// <summary>Another of the resource servers.</summary>
    private static McResource Other(McResource resource) => (McResource)(((int)resource + 1) % AnnexB.Resources.Count);

    private static McService OtherService(McService service) => (McService)(((int)service + 1) % AnnexB.Services.Count);

    private static JsonNode AudienceOf(string token) => Parts.Of(token).Claims["aud"]!.DeepClone();

    private static Parts WithoutServiceIds(Parts parts) =>
        AnnexB.Services.Aggregate(parts, (left, service) => left.With(McClaims.For(service), null));

    private string WithScopesOf(Parts parts, McResource resource) =>
        Sign(parts.With("scope", string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, resource)))));

    /// <summary>Signs as the IdM server does.</summary>
    private string Sign(Parts parts)
    {
        parts.Head["kid"]!.GetValue<string>().ShouldBe(signing.Kid, "the key that signed the real token");
        byte[] content = Encoding.ASCII.GetBytes(parts.Content);
        return parts.Content + "." + Base64Url.EncodeToString(signing.Key switch
        {
            ECDsaSecurityKey key => key.ECDsa.SignData(content, HashAlgorithmName.SHA256),
            RsaSecurityKey key => key.Rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new NotSupportedException(signing.Algorithm),
        });
    }

    private static string SignByOther(Parts parts)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Parts own = parts.WithHead("alg", "ES256");
        return own.Content + "."
            + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(own.Content), HashAlgorithmName.SHA256));
    }

    private string SignWithPublicKey(Parts parts)
    {
        byte[] secret = Encoding.ASCII.GetBytes(signing.Key switch
        {
            ECDsaSecurityKey key => key.ECDsa.ExportSubjectPublicKeyInfoPem(),
            RsaSecurityKey key => key.Rsa.ExportSubjectPublicKeyInfoPem(),
            _ => throw new NotSupportedException(signing.Algorithm),
        });
        byte[] mac = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(parts.Content));
        return parts.Content + "." + Base64Url.EncodeToString(mac);
    }

    /// <summary>Header and claims of a token, which are copied when one is changed.</summary>
    private sealed record Parts(JsonObject Head, JsonObject Claims)
    {
        public string Content => Encode(Head) + "." + Encode(Claims);

        public static Parts Of(string token)
        {
            string[] segments = token.Split('.');
            return new Parts(Decode(segments[0]), Decode(segments[1]));
        }

        /// <summary>Null takes a claim away.</summary>
        public Parts With(string claim, JsonNode? value) => this with { Claims = Changed(Claims, claim, value) };

        public Parts WithHead(string member, JsonNode value) => this with { Head = Changed(Head, member, value) };

        private static JsonObject Changed(JsonObject source, string member, JsonNode? value)
        {
            JsonObject copy = source.DeepClone().AsObject();
            copy.Remove(member);
            if (value is not null)
            {
                copy[member] = value;
            }

            return copy;
        }

        private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

        private static JsonObject Decode(string segment) =>
            JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(segment)))!.AsObject();
    }
}

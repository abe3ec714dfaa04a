using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Watchword.Client;

/// <summary>
/// The private key by which a network entity (MCX server, group management server) proves itself at the token endpoint:
/// <c>private_key_jwt</c> with ES256 (OpenID Connect Core §9, RFC 7523 §3).
/// </summary>
public sealed class EntityCredential : IDisposable
{
    private const string NistP256 = "1.2.840.10045.3.1.7";
    private static readonly TimeSpan AssertionLifetime = TimeSpan.FromSeconds(60);
    private readonly ECDsa _key;

    private EntityCredential(string clientId, ECDsa key, string? keyId)
    {
        ClientId = clientId;
        KeyId = keyId;
        _key = key;
    }

    /// <summary>The registered <c>client_id</c> of the entity.</summary>
    public string ClientId { get; }

    /// <summary>The <c>kid</c> of the key, if the file names one.</summary>
    public string? KeyId { get; }

    /// <summary>Reads a P-256 private key, PEM (PKCS #8 or SEC 1) or JWK (RFC 7517), from a file that only its owner can read.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.EntityCredentialUnusable"/>.</exception>
    public static EntityCredential FromFile(string clientId, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        byte[] content = [];
        try
        {
            SecretFiles.RequireOwnerOnly(path, ClientFault.EntityCredentialUnusable);
            content = SecretFiles.ReadPinned(path, 16 * 1024);
            return content.AsSpan().TrimStart("\uFEFF \t\r\n"u8) is [(byte)'{', ..] ? FromJwk(clientId, content) : FromPem(clientId, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException
            or JsonException or FormatException)
        {
            throw new WatchwordClientException(ClientFault.EntityCredentialUnusable, path, inner: e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    /// <summary>The type's name, never the key.</summary>
    public override string ToString() => nameof(EntityCredential);

    /// <summary>A fresh assertion for one request: 60 seconds, its own <c>jti</c>, the issuer as its one audience.</summary>
    internal string CreateAssertion(string audience, TimeProvider time)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        string header = Encode(writer =>
        {
            writer.WriteString("alg", "ES256");
            writer.WriteString("typ", "JWT");
            if (KeyId is not null)
            {
                writer.WriteString("kid", KeyId);
            }
        });
        string payload = Encode(writer =>
        {
            writer.WriteString("iss", ClientId);
            writer.WriteString("sub", ClientId);
            writer.WriteString("aud", audience);
            writer.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            writer.WriteNumber("iat", now);
            writer.WriteNumber("exp", now + (long)AssertionLifetime.TotalSeconds);
        });
        byte[] signature = _key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(buffer.ToArray());
    }

    private static EntityCredential FromPem(string clientId, byte[] content)
    {
        char[] text = GC.AllocateArray<char>(Encoding.UTF8.GetCharCount(content), pinned: true);
        ECDsa? key = ECDsa.Create();
        try
        {
            Encoding.UTF8.GetChars(content, text);
            key.ImportFromPem(text);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != NistP256)
            {
                throw new FormatException("A P-256 key is needed.");
            }

            // A public key imports as well; it fails here and not at the first assertion.
            _ = key.SignHash(new byte[SHA256.HashSizeInBytes]);
            EntityCredential credential = new(clientId, key, null);
            key = null;
            return credential;
        }
        finally
        {
            key?.Dispose();
            Array.Clear(text);
        }
    }

    private static EntityCredential FromJwk(string clientId, byte[] content)
    {
        using JsonDocument document = JsonDocument.Parse(content, StrictJson.Options);
        JsonElement jwk = document.RootElement;
        if (StrictJson.String(jwk, "kty") != "EC" || StrictJson.String(jwk, "crv") != "P-256")
        {
            throw new FormatException("A JWK of kty EC and crv P-256 is needed.");
        }

        ECParameters parameters = new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Member(jwk, "x"), Y = Member(jwk, "y") },
            D = Member(jwk, "d"),
        };
        try
        {
            return new EntityCredential(clientId, ECDsa.Create(parameters), StrictJson.String(jwk, "kid"));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private static byte[] Member(JsonElement jwk, string name) =>
        Base64Url.DecodeFromChars(StrictJson.String(jwk, name) ?? throw new FormatException($"The JWK has no {name}."));
}

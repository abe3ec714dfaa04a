using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Watchword.Authorization.Keys;

/// <summary>What this server proves itself with at an issuer: an assertion signed by its key (RFC 7523 §2.2).</summary>
internal sealed class IntrospectionCredential(string issuer, string clientId, IntrospectionOptions options, TimeProvider time)
    : IDisposable
{
    private const int JtiSizeInBytes = 16;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly ECDsa _key = ReadKey(options.KeyFile);

    /// <summary>Reads a private key in PEM.</summary>
    /// <exception cref="CryptographicException">It is no EC key.</exception>
    /// <exception cref="ArgumentException">The file holds no PEM.</exception>
    public static ECDsa ReadKey(string file)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>A fresh assertion: the issuer takes each once.</summary>
    public string Assert()
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        string header = Encode(json =>
        {
            json.WriteString("alg", SignatureAlgorithms.EcdsaP256);
            json.WriteString("typ", "JWT");
            if (!string.IsNullOrEmpty(options.KeyId))
            {
                json.WriteString("kid", options.KeyId);
            }
        });
        string claims = Encode(json =>
        {
            json.WriteString("iss", clientId);
            json.WriteString("sub", clientId);
            json.WriteString("aud", issuer);
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + (long)Lifetime.TotalSeconds);
            json.WriteString("jti", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(JtiSizeInBytes)));
        });
        string input = $"{header}.{claims}";
        byte[] signature = _key.SignData(
            Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(Action<Utf8JsonWriter> members)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}

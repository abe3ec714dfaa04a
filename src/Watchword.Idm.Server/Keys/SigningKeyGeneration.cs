using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Watchword.Idm.Server.Keys;

/// <summary>
/// The keys that are made, announced, used and retired together: one for ES256, one for RS256, and one that encrypts what the
/// server alone reads (authorization codes and refresh tokens). Never disposed while the process runs: requests may still hold
/// a key that the ring has dropped.
/// </summary>
internal sealed class SigningKeyGeneration
{
    private const int RsaKeySizeInBits = 2048;
    private const int EncryptionKeySizeInBytes = 32;

    private SigningKeyGeneration(int number, DateTimeOffset activatesAt, ECDsa ecdsa, RSA rsa, byte[] encryptionKey)
    {
        Number = number;
        ActivatesAt = activatesAt;
        ECDsaSecurityKey ec = new(ecdsa);
        ec.KeyId = Base64UrlEncoder.Encode(ec.ComputeJwkThumbprint());
        RsaSecurityKey rs = new(rsa);
        rs.KeyId = Base64UrlEncoder.Encode(rs.ComputeJwkThumbprint());
        SymmetricSecurityKey symmetric = new(encryptionKey) { KeyId = $"enc-{number}" };
        Es256 = new SigningCredentials(ec, SecurityAlgorithms.EcdsaSha256);
        Rs256 = new SigningCredentials(rs, SecurityAlgorithms.RsaSha256);
        Encryption = new EncryptingCredentials(symmetric, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512);
        PublicKeys = [PublicJwk(ec, ecdsa), PublicJwk(rs, rsa)];
    }

    /// <summary>1, 2, 3, ...</summary>
    public int Number { get; }

    /// <summary>From when new tokens are signed with these keys.</summary>
    public DateTimeOffset ActivatesAt { get; }

    public SigningCredentials Es256 { get; }

    public SigningCredentials Rs256 { get; }

    public EncryptingCredentials Encryption { get; }

    /// <summary>The two public keys as the JWKS shows them.</summary>
    public IReadOnlyList<JsonWebKey> PublicKeys { get; }

    [SuppressMessage("Reliability", "CA2000", Justification = "The generation owns its keys for the life of the process.")]
    public static SigningKeyGeneration Create(int number, DateTimeOffset activatesAt)
    {
        byte[] encryptionKey = GC.AllocateArray<byte>(EncryptionKeySizeInBytes, pinned: true);
        RandomNumberGenerator.Fill(encryptionKey);
        return new(number, activatesAt, ECDsa.Create(ECCurve.NamedCurves.nistP256), RSA.Create(RsaKeySizeInBits), encryptionKey);
    }

    /// <summary>Reads what <see cref="Seal"/> wrote.</summary>
    /// <exception cref="CryptographicException">Wrong key, or the octets were changed.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The generation owns its keys for the life of the process.")]
    public static SigningKeyGeneration Open(int number, DateTimeOffset activatesAt, ReadOnlySpan<byte> sealedOctets, KeyEncryptionKey key)
    {
        byte[] plaintext = key.Open(sealedOctets, AssociatedData(number, activatesAt));
        try
        {
            byte[] encryptionKey = GC.AllocateArray<byte>(EncryptionKeySizeInBytes, pinned: true);
            plaintext.AsSpan(0, EncryptionKeySizeInBytes).CopyTo(encryptionKey);
            ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportPkcs8PrivateKey(plaintext.AsSpan(EncryptionKeySizeInBytes), out int read);
            RSA rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(plaintext.AsSpan(EncryptionKeySizeInBytes + read), out _);
            return new(number, activatesAt, ecdsa, rsa, encryptionKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Encrypts the three private keys; number and time are bound to them.</summary>
    public byte[] Seal(KeyEncryptionKey key)
    {
        byte[] ec = ((ECDsaSecurityKey)Es256.Key).ECDsa.ExportPkcs8PrivateKey();
        byte[] rs = ((RsaSecurityKey)Rs256.Key).Rsa.ExportPkcs8PrivateKey();
        byte[] plaintext = GC.AllocateArray<byte>(EncryptionKeySizeInBytes + ec.Length + rs.Length, pinned: true);
        try
        {
            ((SymmetricSecurityKey)Encryption.Key).Key.CopyTo(plaintext, 0);
            ec.CopyTo(plaintext, EncryptionKeySizeInBytes);
            rs.CopyTo(plaintext, EncryptionKeySizeInBytes + ec.Length);
            return key.Seal(plaintext, AssociatedData(Number, ActivatesAt));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(ec);
            CryptographicOperations.ZeroMemory(rs);
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>The credentials for an algorithm name of RFC 7518.</summary>
    public SigningCredentials For(string algorithm) => algorithm == SecurityAlgorithms.RsaSha256 ? Rs256 : Es256;

    private static byte[] AssociatedData(int number, DateTimeOffset activatesAt)
    {
        byte[] data = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(4), activatesAt.ToUnixTimeMilliseconds());
        return data;
    }

    private static JsonWebKey PublicJwk(SecurityKey key, ECDsa ecdsa)
    {
        ECParameters parameters = ecdsa.ExportParameters(includePrivateParameters: false);
        return new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Use = JsonWebKeyUseNames.Sig,
            Alg = SecurityAlgorithms.EcdsaSha256,
            Kid = key.KeyId,
            Crv = JsonWebKeyECTypes.P256,
            X = Base64UrlEncoder.Encode(parameters.Q.X),
            Y = Base64UrlEncoder.Encode(parameters.Q.Y),
        };
    }

    private static JsonWebKey PublicJwk(SecurityKey key, RSA rsa)
    {
        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.RSA,
            Use = JsonWebKeyUseNames.Sig,
            Alg = SecurityAlgorithms.RsaSha256,
            Kid = key.KeyId,
            N = Base64UrlEncoder.Encode(parameters.Modulus),
            E = Base64UrlEncoder.Encode(parameters.Exponent),
        };
    }
}

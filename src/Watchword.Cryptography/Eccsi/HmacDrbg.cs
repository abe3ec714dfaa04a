using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Watchword.Cryptography.Eccsi;

/// <summary>
/// HMAC_DRBG with SHA-256 (SP 800-90A Rev. 1 §10.1.2), deterministic: no reseeding, no additional input, no prediction
/// resistance. Its state lies on the stack, and disposal overwrites it.
/// </summary>
internal ref struct HmacDrbg : IDisposable
{
    private const int Size = SHA256.HashSizeInBytes;

    /// <summary>Seed material that is gathered on the stack.</summary>
    private const int LargestSeedOnStack = 512;

    private Block key;
    private Block value;

    /// <summary>The update that ends a request is done when the next one comes: a generator is mostly asked once.</summary>
    private bool owesUpdate;

    /// <summary>Instantiation (§10.1.2.3): seed material is entropy input || nonce || personalization string.</summary>
    public HmacDrbg(ReadOnlySpan<byte> entropyInput, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> personalization)
        : this(entropyInput, nonce, personalization, [])
    {
    }

    /// <summary>As above, with a personalization string in two pieces.</summary>
    public HmacDrbg(
        ReadOnlySpan<byte> entropyInput, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> personalization,
        ReadOnlySpan<byte> personalizationEnd)
    {
        key = default;
        value = default;
        ((Span<byte>)value).Fill(1);

        // V and a separator stand before the seed material in what HMAC_DRBG_Update authenticates.
        int length = Size + 1 + entropyInput.Length + nonce.Length + personalization.Length + personalizationEnd.Length;
        using SecretOctets? large = length > LargestSeedOnStack ? new SecretOctets(length) : null;
        Span<byte> input = large is null ? stackalloc byte[LargestSeedOnStack] : large.Span;
        input = input[..length];
        Span<byte> rest = input[(Size + 1)..];
        entropyInput.CopyTo(rest);
        rest = rest[entropyInput.Length..];
        nonce.CopyTo(rest);
        rest = rest[nonce.Length..];
        personalization.CopyTo(rest);
        personalizationEnd.CopyTo(rest[personalization.Length..]);
        Update(input);
        CryptographicOperations.ZeroMemory(input);
    }

    /// <summary>One generate request (§10.1.2.5) for as many octets as the destination has.</summary>
    public void Generate(scoped Span<byte> destination)
    {
        if (owesUpdate)
        {
            Span<byte> input = stackalloc byte[Size + 1];
            Update(input);
            CryptographicOperations.ZeroMemory(input);
        }

        while (!destination.IsEmpty)
        {
            NextValue();
            int taken = Math.Min(Size, destination.Length);
            ((Span<byte>)value)[..taken].CopyTo(destination);
            destination = destination[taken..];
        }

        owesUpdate = true;
    }

    /// <summary>Requests of 32 octets until one gives a scalar 1..q-1.</summary>
    public void GenerateScalar(out P256Scalar scalar)
    {
        Span<byte> octets = stackalloc byte[EccsiScalars.SizeInBytes];
        do
        {
            Generate(octets);
        }
        while (!EccsiScalars.TryDecode(octets, out scalar));

        CryptographicOperations.ZeroMemory(octets);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(value);
    }

    /// <summary>HMAC_DRBG_Update (§10.1.2.2); the provided data follows 33 octets of space.</summary>
    private void Update(scoped Span<byte> input)
    {
        Step(0, input);
        if (input.Length > Size + 1)
        {
            Step(1, input);
        }
    }

    private void Step(byte separator, scoped Span<byte> input)
    {
        ((Span<byte>)value).CopyTo(input);
        input[Size] = separator;
        Block next = default;
        _ = HMACSHA256.HashData(key, input, next);
        key = next;
        CryptographicOperations.ZeroMemory(next);
        NextValue();
    }

    /// <summary>V = HMAC(K, V).</summary>
    private void NextValue()
    {
        Block next = default;
        _ = HMACSHA256.HashData(key, value, next);
        value = next;
        CryptographicOperations.ZeroMemory(next);
    }

    [InlineArray(Size)]
    private struct Block
    {
        private byte octet;
    }
}

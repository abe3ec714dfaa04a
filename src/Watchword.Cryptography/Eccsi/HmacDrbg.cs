using System.Security.Cryptography;

namespace Watchword.Cryptography.Eccsi;

/// <summary>
/// HMAC_DRBG with SHA-256 (SP 800-90A Rev. 1 §10.1.2), deterministic: no reseeding, no additional input, no prediction
/// resistance.
/// </summary>
internal sealed class HmacDrbg : IDisposable
{
    private const int Size = SHA256.HashSizeInBytes;

    private readonly SecretOctets key = new(Size);
    private readonly SecretOctets value = new(Size);

    /// <summary>Instantiation (§10.1.2.3): seed material is entropy input || nonce || personalization string.</summary>
    public HmacDrbg(ReadOnlySpan<byte> entropyInput, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> personalization)
    {
        using SecretOctets seed = new(entropyInput.Length + nonce.Length + personalization.Length);
        entropyInput.CopyTo(seed.Span);
        nonce.CopyTo(seed.Span[entropyInput.Length..]);
        personalization.CopyTo(seed.Span[(entropyInput.Length + nonce.Length)..]);
        value.Span.Fill(1);
        Update(seed.Span);
    }

    /// <summary>One generate request (§10.1.2.5) for as many octets as the destination has.</summary>
    public void Generate(Span<byte> destination)
    {
        using SecretOctets block = new(Size);
        while (!destination.IsEmpty)
        {
            HMACSHA256.HashData(key.Span, value.Span, block.Span);
            block.Span.CopyTo(value.Span);
            int taken = Math.Min(Size, destination.Length);
            block.Span[..taken].CopyTo(destination);
            destination = destination[taken..];
        }

        Update([]);
    }

    public void Dispose()
    {
        key.Dispose();
        value.Dispose();
    }

    /// <summary>HMAC_DRBG_Update (§10.1.2.2).</summary>
    private void Update(ReadOnlySpan<byte> providedData)
    {
        Step(0, providedData);
        if (!providedData.IsEmpty)
        {
            Step(1, providedData);
        }
    }

    private void Step(byte separator, ReadOnlySpan<byte> providedData)
    {
        using SecretOctets input = new(Size + 1 + providedData.Length);
        value.Span.CopyTo(input.Span);
        input.Span[Size] = separator;
        providedData.CopyTo(input.Span[(Size + 1)..]);
        using SecretOctets block = new(Size);
        HMACSHA256.HashData(key.Span, input.Span, block.Span);
        block.Span.CopyTo(key.Span);
        HMACSHA256.HashData(key.Span, value.Span, block.Span);
        block.Span.CopyTo(value.Span);
    }
}

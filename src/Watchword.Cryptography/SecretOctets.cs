using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography;

/// <summary>Secret octets in memory that the garbage collector does not copy; overwritten with zeros on disposal.</summary>
/// <remarks>
/// A thread may dispose of the owner while another one reads. What was read then may be half a secret and half zeros, and a
/// result that is made of it and given away could tell the other half. So every reader asks afterwards whether the octets were
/// still whole: <see cref="CopyTo"/> and <see cref="Decode"/> do, and others call <see cref="RequireIntact"/>.
/// </remarks>
internal sealed class SecretOctets : IDisposable
{
    private readonly byte[] block;
    private readonly int start;
    private readonly int length;
    private volatile bool disposed;

    public SecretOctets(int length)
        : this(GC.AllocateArray<byte>(length, pinned: true), 0, length)
    {
    }

    public SecretOctets(ReadOnlySpan<byte> secret)
        : this(secret.Length) => secret.CopyTo(block);

    /// <summary>
    /// A part of a pinned block that nobody else has or ever will: the keys of one batch share an allocation, since pinned memory
    /// costs the collector by the piece. Disposal overwrites this part only.
    /// </summary>
    public SecretOctets(byte[] block, int start, int length)
    {
        this.block = block;
        this.start = start;
        this.length = length;
    }

    /// <summary>The octets themselves; not to be kept.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return block.AsSpan(start, length);
        }
    }

    /// <summary>After the octets were read: that disposal had not begun by then.</summary>
    /// <exception cref="ObjectDisposedException">It had; what was read is to be thrown away.</exception>
    public void RequireIntact() => ObjectDisposedException.ThrowIf(!IsIntact(), this);

    /// <summary>A copy of the octets.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed; the destination has nothing of the octets.</exception>
    public void CopyTo(Span<byte> destination)
    {
        Span.CopyTo(destination);
        if (!IsIntact())
        {
            CryptographicOperations.ZeroMemory(destination[..length]);
            RequireIntact();
        }
    }

    /// <summary>The octets as a number that is known to be below the modulus.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    public void Decode<TLimbs, TModulus>(out Residue<TLimbs, TModulus> number)
        where TLimbs : struct, ILimbs
        where TModulus : struct, IPrimeModulus
    {
        _ = Residue<TLimbs, TModulus>.Decode(Span, out number);
        if (!IsIntact())
        {
            number.Clear();
            RequireIntact();
        }
    }

    /// <summary>AES-GCM of the octets: the form in which master secrets leave the process.</summary>
    public void Seal(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        ArgumentNullException.ThrowIfNull(key);
        Lengths.RequireDestination(ciphertext.Length, length, nameof(ciphertext));
        key.Encrypt(nonce, Span, ciphertext, tag, associatedData);
        RequireIntact();
    }

    /// <summary>The octets of an AES-GCM ciphertext of exactly <paramref name="length"/> octets.</summary>
    /// <exception cref="CryptographicException">The length is wrong, or the tag does not match.</exception>
    public static SecretOctets Open(
        int length, AesGcm key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (ciphertext.Length != length)
        {
            throw new CryptographicException($"A sealed secret of this kind has {length} octets.");
        }

        SecretOctets secret = new(length);
        try
        {
            key.Decrypt(nonce, ciphertext, tag, secret.Span, associatedData);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        disposed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(block.AsSpan(start, length));
    }

    private bool IsIntact()
    {
        // Disposal says that it begins, and then overwrites: whoever has read a zero of its making sees that here.
        Interlocked.MemoryBarrier();
        return !disposed;
    }
}

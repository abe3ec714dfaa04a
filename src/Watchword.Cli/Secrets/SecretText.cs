using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Cli.Secrets;

/// <summary>Takes a secret as characters; must not keep them.</summary>
public delegate T SecretReader<out T>(ReadOnlySpan<char> text);

/// <summary>A password or passphrase as UTF-8 in pinned memory, wiped on dispose. Printed, it is its type name.</summary>
public sealed class SecretText : IDisposable
{
    private readonly byte[] octets;
    private bool disposed;

    /// <summary>Copies <paramref name="utf8"/>; the caller wipes the source.</summary>
    public SecretText(ReadOnlySpan<byte> utf8)
    {
        octets = GC.AllocateArray<byte>(utf8.Length, pinned: true);
        utf8.CopyTo(octets);
    }

    /// <summary>Encodes <paramref name="text"/>; the caller wipes the source.</summary>
    public SecretText(ReadOnlySpan<char> text)
    {
        octets = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, octets);
    }

    /// <inheritdoc/>
    public override string ToString() => nameof(SecretText);

    /// <summary>Length in octets of UTF-8.</summary>
    public int Length => octets.Length;

    /// <summary>The octets, valid until dispose.</summary>
    public ReadOnlySpan<byte> Octets
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return octets;
        }
    }

    /// <summary>Gives the text as characters to <paramref name="reader"/> and wipes them behind it.</summary>
    /// <exception cref="ArgumentException">The octets are not UTF-8: two different secrets must not become one.</exception>
    public T Use<T>(SecretReader<T> reader)
    {
        UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        char[] text = GC.AllocateArray<char>(strict.GetCharCount(Octets), pinned: true);
        try
        {
            strict.GetChars(Octets, text);
            return reader(text);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text.AsSpan()));
        }
    }

    /// <summary>True if both hold the same octets; takes the same time wherever they differ.</summary>
    public bool Matches(SecretText other) => CryptographicOperations.FixedTimeEquals(Octets, other.Octets);

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(octets);
        disposed = true;
    }
}

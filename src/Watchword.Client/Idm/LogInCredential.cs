using System.Text;

namespace Watchword.Client;

/// <summary>A user name and password, kept in pinned memory until disposed.</summary>
public sealed class LogInCredential : IDisposable
{
    /// <summary>Longest password, in octets of UTF-8.</summary>
    public const int MaxPasswordOctets = 1024;

    private readonly PinnedSecret _password;

    /// <summary>Copies the password; the caller wipes his own buffer.</summary>
    public LogInCredential(string userName, ReadOnlySpan<char> password)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        int length = Encoding.UTF8.GetByteCount(password);
        if (length is 0 or > MaxPasswordOctets)
        {
            throw new ArgumentException($"A password has 1 to {MaxPasswordOctets} octets.", nameof(password));
        }

        UserName = userName;
        _password = new PinnedSecret(length);
        Encoding.UTF8.GetBytes(password, _password.Span);
    }

    /// <summary>The user name.</summary>
    public string UserName { get; }

    internal ReadOnlySpan<byte> Password => _password.Span;

    /// <inheritdoc/>
    public void Dispose() => _password.Dispose();

    /// <summary>The type's name, never the password.</summary>
    public override string ToString() => nameof(LogInCredential);
}

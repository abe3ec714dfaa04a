using Watchword.Client;
using Watchword.McServices.Info;

namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>Why bodies were not revealed.</summary>
internal enum RevealFault
{
    /// <summary>They were.</summary>
    None = 0,

    /// <summary>A body is not what its type says.</summary>
    Malformed = 1,

    /// <summary>The message with the CSK was not taken, whatever the reason.</summary>
    CskRefused = 2,

    /// <summary>What is encrypted could not be decrypted, or had to be encrypted and is not.</summary>
    NotDecrypted = 3,

    /// <summary>A signature does not hold, or had to be there and is not.</summary>
    NotIntact = 4,

    /// <summary>The server has no keys to open the message with.</summary>
    KeysUnavailable = 5,

    /// <summary>The message is for the keys of a KMS that this server has none of, and a KMS redirect response says so.</summary>
    Redirected = 6,
}

/// <summary>The bodies of one service in clear: the octets that the signature covers, if there is one.</summary>
internal sealed class RevealedBodies : IDisposable
{
    /// <summary>Why not; <see cref="RevealFault.None"/> if all is there.</summary>
    public RevealFault Fault { get; init; }

    /// <summary>The info body; null unless revealed.</summary>
    public McInfo? Info { get; init; }

    /// <summary>The settings as they are to be used; null if there are none.</summary>
    public ReadOnlyMemory<byte>? Settings { get; init; }

    /// <summary>The CSK that the message brought; null if it brought none.</summary>
    public TakenServiceKey? Csk { get; init; }

    /// <summary>The MC service ID under whose CSK the bodies were protected; null if they were not.</summary>
    public string? ProtectedFor { get; init; }

    /// <summary>The KMS redirect response, with <see cref="RevealFault.Redirected"/>.</summary>
    public ReadOnlyMemory<byte> Redirect { get; init; }

    /// <summary>Not revealed.</summary>
    public static RevealedBodies Not(RevealFault fault) => new() { Fault = fault };

    /// <summary>Erases the CSK.</summary>
    public void Dispose() => Csk?.Dispose();

    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(RevealedBodies);
}

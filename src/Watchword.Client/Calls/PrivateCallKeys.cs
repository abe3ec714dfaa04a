using Watchword.Identity;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>What both ends of a private call hold: the message, the PCK and the SRTP keys of both directions. Owns the keys.</summary>
public sealed class PrivateCallKeys : IDisposable
{
    private readonly MikeyKey _key;

    internal PrivateCallKeys(
        ReadOnlyMemory<byte> message, MikeyKey key, McService service, string initiatorUri, string receiverUri, DateTimeOffset time)
    {
        (InitiatorUri, ReceiverUri, Time) = (initiatorUri, receiverUri, time);
        Message = message;
        Service = service;
        _key = key;
        (McCryptoSession initiator, McCryptoSession receiver) = service == McService.McVideo
            ? (McCryptoSession.McVideoPrivateInitiator, McCryptoSession.McVideoPrivateReceiver)
            : (McCryptoSession.McpttPrivateInitiator, McCryptoSession.McpttPrivateReceiver);
        SentByInitiator = key.DeriveSrtpKeys(initiator);
        SentByReceiver = key.DeriveSrtpKeys(receiver);
    }

    /// <summary>The MIKEY I_MESSAGE (TS 33.180 E.3).</summary>
    public ReadOnlyMemory<byte> Message { get; }

    /// <summary>MCPTT or MCVideo: their crypto sessions differ (TS 33.180 table E.1.3-1).</summary>
    public McService Service { get; }

    /// <summary>The PCK-ID, also the MKI of the media (TS 33.180 7.4.1).</summary>
    public uint PckId => _key.KeyId;

    /// <summary>The caller's MC service ID.</summary>
    public string InitiatorUri { get; }

    /// <summary>The called user's MC service ID.</summary>
    public string ReceiverUri { get; }

    /// <summary>The time T of the message.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>SRTP master key and salt of what the caller sends.</summary>
    public SrtpKeys SentByInitiator { get; }

    /// <summary>SRTP master key and salt of what the called user sends.</summary>
    public SrtpKeys SentByReceiver { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        SentByInitiator.Dispose();
        SentByReceiver.Dispose();
        _key.Dispose();
    }

    /// <summary>The type's name, never a key.</summary>
    public override string ToString() => nameof(PrivateCallKeys);
}

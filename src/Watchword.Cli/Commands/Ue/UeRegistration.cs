using Watchword.Client;

namespace Watchword.Cli.Commands.Ue;

/// <summary>The SIP registration of a UE from one run to the next.</summary>
internal static class UeRegistration
{
    /// <summary>The registration to go on with: Call-ID and CSeq as before, the Contact of this run.</summary>
    public static SipRegistration Next(UeContext context, UeSipAgent agent)
    {
        string identity = context.State.PublicUserIdentity!;
        SipRegistration fresh = new()
        {
            PublicUserIdentity = identity, Contact = agent.ContactOf(identity), InstanceId = context.State.ClientId,
        };
        return context.State.Registration is { } known && known.PublicUserIdentity == identity
            ? fresh with { CallId = known.CallId, CSeq = known.CSeq }
            : fresh;
    }
}

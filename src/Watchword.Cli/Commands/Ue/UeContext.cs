using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.Cli.Commands.Ue;

/// <summary>A UE whose user is logged in: its profile, what it keeps, and where its servers are.</summary>
internal sealed class UeContext(Session session, UeState state, UeInitialConfiguration? initial, UeScript script, TimeProvider clock)
{
    /// <summary>The profile; the caller disposes it.</summary>
    public Session Session { get; } = session;

    /// <summary>What is kept.</summary>
    public UeState State { get; private set; } = state;

    /// <summary>The steps.</summary>
    public UeScript Script { get; } = script;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>The initial configuration.</summary>
    public UeInitialConfiguration Initial => initial ?? throw new InvalidOperationException("This UE is not coming up.");

    /// <summary>The services of the user, in their order.</summary>
    public IReadOnlyList<McService> Services =>
        [.. (Session.Store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn)).ServiceIds.Keys.Order()];

    /// <summary>The URI of the group management server; null where nothing says it.</summary>
    public string? GroupServer => State.GroupServer ?? initial?.GmsUri;

    /// <summary>The index of the user profile: as asked for, else that of the initial configuration (TS 24.484 7.2.2.7).</summary>
    public int ProfileIndex => State.ProfileIndex ?? initial?.DefaultUserProfile?.Index ?? 0;

    /// <summary>Makes and takes service keys.</summary>
    public ServiceKeyExchange Keys => new(Session.Store, Clock, new ServiceKeyExchangeOptions
    {
        GroupManagementServers = GroupServer is { } gms ? [gms] : [],
        McxServers = [.. State.Authorizations.Select(known => known.McxDomain)
            .Concat(State.McxDomain is { } named ? [named] : []).Distinct(StringComparer.Ordinal)],
    });

    /// <summary>Changes what is kept, on disk first.</summary>
    public void Keep(Func<UeState, UeState> change)
    {
        UeState next = change(State);
        next.Write(Session.Location);
        State = next;
    }

    /// <summary>A client below an XCAP root, through the HTTP proxy of the profile; the caller disposes it.</summary>
    public XcapClient Xcap(string root) => new(
        new XcapClientOptions { Root = root, HttpProxy = Session.HttpProxy }, Session.Trust, Session.Tokens, Clock);

    /// <summary>Takes a key that a server sent by itself.</summary>
    /// <returns>False if it is not good; it is counted.</returns>
    public bool TakeKey(ReadOnlyMemory<byte> message) => TakeKey(message, new ServiceKeyMessageContext());

    /// <summary>The same for one that came with a notification, which repeats what was revoked while the UE was off.</summary>
    public bool TakeKeyOfNotification(ReadOnlyMemory<byte> message) =>
        TakeKey(message, new ServiceKeyMessageContext { IsFromDocument = true });

    private bool TakeKey(ReadOnlyMemory<byte> message, ServiceKeyMessageContext how)
    {
        try
        {
            _ = Keys.Open(message.Span, how);
            return true;
        }
        catch (WatchwordClientException)
        {
            Script.Refuse(1);
            return false;
        }
    }

    /// <summary>What a service is called on the wire.</summary>
    public static McServiceNames NamesOf(McService service) => McServiceNames.Of((McServiceKind)(int)service);
}

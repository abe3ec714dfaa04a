namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>What a group wants of its key: what its document says, less whom the IdM server has disabled.</summary>
/// <param name="GroupUri">The MC group ID.</param>
/// <param name="NeedsKey">Whether media or floor control are protected (TS 24.481 7.2.8: yes unless the document says no); false
/// for a group that is gone.</param>
/// <param name="Members">Who may hold the key: MC service IDs, octet by octet.</param>
internal sealed record GroupKeyWish(string GroupUri, bool NeedsKey, IReadOnlySet<string> Members)
{
    /// <summary>Whether an administrator asked for another key, before the one in use has served its time.</summary>
    public bool RenewalAsked { get; init; }
}

/// <summary>The key that a group has.</summary>
/// <param name="KeyId">GMK-ID.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="Holders">Whom a message with it was made for, whether or not he took it.</param>
internal sealed record GroupKeyState(uint KeyId, DateTimeOffset MadeAt, IReadOnlySet<string> Holders);

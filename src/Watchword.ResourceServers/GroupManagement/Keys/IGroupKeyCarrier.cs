namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>
/// Brings group keys to members of itself. TS 24.481 leaves open what carries them (docs/choices.md); that members fetch them
/// (<see cref="Http.GroupKeyEndpoint"/>) needs no carrier.
/// </summary>
internal interface IGroupKeyCarrier
{
    /// <summary>Told that these people have something to be given; sending is not waited for.</summary>
    Task TellAsync(GroupKeyChange change, CancellationToken cancellationToken);
}

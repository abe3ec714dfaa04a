namespace Watchword.Identity;

/// <summary>The services and resources of TS 33.180 Annex B in their fixed order.</summary>
public static class AnnexB
{
    /// <summary>MCPTT, MCVideo, MCData: the order of key sets in every answer (docs/choices.md).</summary>
    public static IReadOnlyList<McService> Services { get; } = [McService.Mcptt, McService.McVideo, McService.McData];

    /// <summary>Every resource that a scope can open.</summary>
    public static IReadOnlyList<McResource> Resources { get; } =
        [McResource.Service, McResource.KeyManagement, McResource.ConfigurationManagement, McResource.GroupManagement];
}

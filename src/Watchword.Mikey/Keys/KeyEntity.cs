namespace Watchword.Mikey;

/// <summary>Who makes and who takes keys (TS 33.180 5.4 to 5.8); each is a user of its KMS under a URI of its own.</summary>
public enum KeyEntity
{
    /// <summary>A client, under the MC service ID of its user.</summary>
    Client = 0,

    /// <summary>A group management server, under the GMS URI.</summary>
    GroupManagementServer = 1,

    /// <summary>An MCX server, under the MC domain security identifier, MDSI.</summary>
    McxServer = 2,
}

namespace Watchword.Mikey;

/// <summary>The CS-ID values of MC services (TS 33.180 table E.1.3-1); they separate the keys of the streams of one bundle.</summary>
public enum McCryptoSession
{
    /// <summary>MCPTT private call, media sent by the initiator.</summary>
    McpttPrivateInitiator = 0,

    /// <summary>MCPTT private call, media sent by the receiver.</summary>
    McpttPrivateReceiver = 1,

    /// <summary>MCVideo private call, media sent by the initiator.</summary>
    McVideoPrivateInitiator = 2,

    /// <summary>MCVideo private call, media sent by the receiver.</summary>
    McVideoPrivateReceiver = 3,

    /// <summary>MCPTT group call.</summary>
    McpttGroup = 4,

    /// <summary>MCVideo group call.</summary>
    McVideoGroup = 5,

    /// <summary>Unicast SRTCP of MCPTT under the CSK.</summary>
    CskMcpttSrtcp = 6,

    /// <summary>Multicast SRTCP of MCPTT under the MuSiK.</summary>
    MusikMcpttSrtcp = 7,

    /// <summary>Unicast SRTCP of MCVideo under the CSK.</summary>
    CskMcVideoSrtcp = 8,

    /// <summary>Multicast SRTCP of MCVideo under the MuSiK.</summary>
    MusikMcVideoSrtcp = 9,
}

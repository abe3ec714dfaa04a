global using SakkeComb = Watchword.Cryptography.Curves.LaneComb<
    Watchword.Cryptography.Curves.SakkeLaneGroup, Watchword.Cryptography.Curves.SakkeQuadPoint,
    Watchword.Cryptography.Curves.SakkeQuadEntry>;

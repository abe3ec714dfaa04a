// The combs of the two curves: one table, one base.
global using SakkeComb = Watchword.Cryptography.Curves.LaneComb<
    Watchword.Cryptography.Curves.SakkeLaneGroup, Watchword.Cryptography.Curves.SakkeQuadPoint,
    Watchword.Cryptography.Curves.SakkeQuadEntry>;
global using P256Comb = Watchword.Cryptography.Curves.LaneComb<
    Watchword.Cryptography.Curves.P256LaneGroup, Watchword.Cryptography.Curves.P256QuadPoint,
    Watchword.Cryptography.Curves.P256QuadEntry>;

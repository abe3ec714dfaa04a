// One type per modulus: an element of one field is no element of another.
global using P256Element = Watchword.Cryptography.Fields.Residue<
    Watchword.Cryptography.Arithmetic.UInt256, Watchword.Cryptography.Fields.P256Prime>;
global using P256Scalar = Watchword.Cryptography.Fields.Residue<
    Watchword.Cryptography.Arithmetic.UInt256, Watchword.Cryptography.Fields.P256Order>;
global using SakkeElement = Watchword.Cryptography.Fields.Residue<
    Watchword.Cryptography.Arithmetic.UInt1024, Watchword.Cryptography.Fields.SakkePrime>;
global using SakkeScalar = Watchword.Cryptography.Fields.Residue<
    Watchword.Cryptography.Arithmetic.UInt1024, Watchword.Cryptography.Fields.SakkeOrder>;

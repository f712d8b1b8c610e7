namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>What sends plain requests shares one proxy on each engine.</summary>
[CollectionDefinition(PlainProxies.Name)]
public sealed class PlainCollection : ICollectionFixture<PlainProxies>;

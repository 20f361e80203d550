import client.ApiClient;
import client.ApiException;
import client.api.ConfigApi;
import client.api.DeploymentsApi;
import client.model.Component;
import client.model.ComponentBuild;
import client.model.Config;
import client.model.Deployment;
import java.io.FileInputStream;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What test_generated_clients.py has a Java client of openapi-generator do: main-job or send-back. */
public class ByOpenAPIGenerator {
    public static void main(String[] arguments) throws Exception {
        boolean isMainJob = arguments[0].equals("main-job");
        String url = arguments[1], tool = arguments[4], repository = arguments[5];
        ApiClient client = new ApiClient();
        client.updateBaseUri(url);
        client.setHttpClientBuilder(
                ApiClient.createDefaultHttpClientBuilder().sslContext(context(arguments[2], arguments[3])));
        ConfigApi configs = new ConfigApi(client);
        DeploymentsApi deployments = new DeploymentsApi(client);

        if (isMainJob) {
            try {
                throw new AssertionError(configs.getConfig(tool, null, null));
            } catch (ApiException exception) {
                require(exception.getCode() == 404, exception);
            }
            Config config = new Config()
                    .putComponentsItem("web", new Component().build(new ComponentBuild().repository(repository).ref("main")))
                    .putComponentsItem("worker", new Component().build(new ComponentBuild().reuseFrom("web")));
            require(!configs.storeConfig(tool, config, null, null, null).getMessages().getInfo().isEmpty(), config);
        }

        Object stored = configs.getConfig(tool, null, null).getData();
        configs.storeConfig(tool, client.getObjectMapper().convertValue(stored, Config.class), null, null, null);

        if (isMainJob) {
            Deployment started = deployments.startDeployment(tool, null, null, null).getData().getDeployment();
            Deployment deployment = deployments.getDeployment(tool, started.getDeployId(), null).getData();
            require(deployment.getBuilds().containsKey("web"), deployment);
            System.out.println(deployment.getDeployId());
        }
    }

    /** Trusts the CA of one store, and shows the certificate of the other; both are PKCS #12 with the password "changeit". */
    private static SSLContext context(String authority, String identity) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store(authority));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(identity), "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(String file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream stream = new FileInputStream(file)) {
            store.load(stream, "changeit".toCharArray());
        }
        return store;
    }

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new AssertionError(found);
        }
    }
}
